#include "adapters/providers/vast/instances_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

// The realistic record of the API reference, section 4.1, shortened to one line a group.
constexpr const char* kRunning = R"({"id":50381086,"machine_id":49612,"host_id":55555,
 "label":"herder-c7-j81f2-a1-9c0e","actual_status":"running","intended_status":"running",
 "cur_state":"running","next_state":"running",
 "status_msg":"success, running ghcr.io/acme/worker_1.4/args\n","public_ipaddr":"203.0.113.42 ",
 "ssh_idx":"4","ports":{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"33526"}]},
 "is_bid":true,"min_bid":0.1690,"dph_base":0.1712,"dph_total":0.179533,"storage_cost":0.15,
 "storage_total_cost":0.008333,"disk_space":40.0,"start_date":1787722703.12,
 "end_date":1793000000.0,"extra_env":[["JOB_TOKEN","s3cret"]],"gpu_util":97.0})";

TEST(MachinePage, ReadsRowsTotalsAndToken) {
    const auto page =
        parse_machine_page(std::string(R"({"success":true,"instances_found":1,"total_instances":26,
        "label_counts":{"":1},"next_token":"eyJ2YWx1ZXMiOnt9fQ==","instances":[)") +
                           kRunning + "]}");
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->found, 1);
    EXPECT_EQ(page->total, 26);
    EXPECT_EQ(page->next_token, "eyJ2YWx1ZXMiOnt9fQ==");
    ASSERT_EQ(page->machines.size(), 1U);
    const ListedMachine& machine = page->machines[0].machine;
    EXPECT_EQ(machine.contract, ContractId{50'381'086});
    EXPECT_EQ(machine.label, "herder-c7-j81f2-a1-9c0e");
    EXPECT_EQ(machine.state, MachineState::kRunning);
    EXPECT_EQ(machine.gpu_price, UsdPerHour{171'200});
    EXPECT_EQ(machine.disk_price, UsdPerHour{8'333});
    EXPECT_EQ(machine.detail.find("s3cret"), std::string::npos);
    EXPECT_EQ(machine.disk, gigabytes(40));
    EXPECT_EQ(machine.lasts.us, 5'277'296'880'000) << "end_date less start_date";
}

TEST(MachinePage, NullIsAnEmptyListButAMissingListIsAnError) {
    const auto empty = parse_machine_page(
        R"({"success":true,"instances_found":0,"total_instances":0,"next_token":null,"instances":null})");
    ASSERT_TRUE(empty.has_value());
    EXPECT_TRUE(empty->machines.empty());
    EXPECT_EQ(empty->next_token, "");
    for (const char* body : {"", "{}", "[]", R"({"instances":{}})", R"({"instances":[7]})",
                             R"({"instances":[{"label":"x"}]})", R"({"instances":[{"id":0}]})"})
        EXPECT_FALSE(parse_machine_page(body).has_value()) << body;
}

TEST(MachinePage, SurvivesNullsAndUnknownWords) {
    const auto page = parse_machine_page(R"({"instances":[
      {"id":"7","label":null,"actual_status":null,"intended_status":"running","cur_state":null,
       "next_state":null,"status_msg":null,"dph_base":null,"dph_total":"0.5","storage_total_cost":0.1},
      {"id":8,"actual_status":"hibernating"}]})");
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->machines[0].machine.contract, ContractId{7});
    EXPECT_EQ(page->machines[0].machine.label, "");
    EXPECT_EQ(page->machines[0].machine.state, MachineState::kStarting);
    EXPECT_EQ(page->machines[0].machine.gpu_price, UsdPerHour{400'000}) << "total less disk";
    EXPECT_EQ(page->machines[1].machine.state, MachineState::kUnknown);
    EXPECT_EQ(page->total, std::nullopt);
}

TEST(MachinePage, ReadsWhatPeopleWantToSee) {
    const auto found = parse_machine(R"({"instances":{"id":5,"machine_id":49612,"host_id":55555,
      "gpu_name":"RTX 4090","num_gpus":1,"gpu_ram":24564,"gpu_totalram":24564,"disk_space":40.0,
      "image_uuid":"ghcr.io/acme/worker:1.4","image_runtype":"args","min_bid":0.169,
      "start_date":1787722703.12,"end_date":"1793000000","public_ipaddr":" 203.0.113.42\n",
      "ssh_host":"ssh4.vast.ai","ssh_idx":"4","ssh_port":18926,"geolocation":"California, US",
      "driver_version":"570.124.04","ports":{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"33526"},
      {"HostIp":"::","HostPort":"33526"}],"x/udp":[{"HostPort":"7"}],"22/tcp":[]}}})");
    ASSERT_TRUE(found.has_value() && found->has_value());
    const InstanceRecord& record = **found;
    EXPECT_EQ(record.physical_machine, 49'612);
    EXPECT_EQ(record.gpu_name, "RTX_4090");
    EXPECT_EQ(record.disk, gigabytes(40));
    EXPECT_EQ(record.bid_floor, UsdPerHour{169'000});
    EXPECT_EQ(record.started, WallTime{1'787'722'703'120'000});
    EXPECT_EQ(record.ends, WallTime{1'793'000'000'000'000}) << "a number in a string";
    EXPECT_EQ(record.public_address, "203.0.113.42");
    EXPECT_EQ(record.ssh_port, 18'926);
    EXPECT_EQ(record.location, "US");
    EXPECT_EQ(record.ports,
              (std::vector<PortMapping>{{.inside = 8080, .protocol = "tcp", .outside = 33'526}}));
    EXPECT_EQ(record.machine.rental, RentalKind::kUnknown);
}

TEST(MachinePage, TellsBidsFromOnDemand) {
    const auto kind = [](const std::string& is_bid) {
        return parse_machine(R"({"instances":{"id":5,"is_bid":)" + is_bid + "}}")
            .value()
            ->machine.rental;
    };
    EXPECT_EQ(kind("true"), RentalKind::kInterruptible);
    EXPECT_EQ(kind("false"), RentalKind::kOnDemand);
    EXPECT_EQ(kind("null"), RentalKind::kUnknown);
}

TEST(MachinePage, TextsForPeopleCarryNoControlCharacters) {
    const auto found =
        parse_machine(R"({"instances":{"id":5,"image_uuid":"a\u001b[2Jb","ssh_host":"x\ny"}})");
    EXPECT_EQ((*found)->image, "a [2Jb");
    EXPECT_EQ((*found)->ssh_host, "x y");
}

TEST(OneMachine, IsAnObjectAListOfOneOrNothing) {
    EXPECT_EQ(
        parse_machine(std::string(R"({"instances":)") + kRunning + "}").value()->machine.contract,
        ContractId{50'381'086});
    EXPECT_EQ(
        parse_machine(std::string(R"({"instances":[)") + kRunning + "]}").value()->machine.contract,
        ContractId{50'381'086});
    EXPECT_EQ(parse_machine(R"({"instances":null})").value(), std::nullopt);
    EXPECT_EQ(parse_machine(R"({"instances":[]})").value(), std::nullopt);
    EXPECT_FALSE(parse_machine("{}").has_value());
    EXPECT_FALSE(parse_machine("null").has_value());
}

}  // namespace
}  // namespace herder::vast
