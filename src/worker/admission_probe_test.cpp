#include "worker/admission_probe.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

class Probe : public testing::Test {
  protected:
    Probe() {
        std::string name = (fs::temp_directory_path() / "herder-probe-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        fs::create_directories(folder_ / "bin");
        fs::create_directories(folder_ / "home");
        path_before_ = ::getenv("PATH");
        ::setenv("PATH", (folder_ / "bin").c_str(), 1);
    }
    ~Probe() override {
        ::setenv("PATH", path_before_.c_str(), 1);
        fs::remove_all(folder_);
    }
    void put_smi(const std::string& rows) const {
        const fs::path path = folder_ / "bin/nvidia-smi";
        std::ofstream(path) << "#!/bin/sh\necho '" << rows << "'\n";
        ::chmod(path.c_str(), 0755);
    }
    protocol::SyncResponse urls() const {
        protocol::SyncResponse response;
        response.probe_put_url = server_.url() + "/artifacts/probe?signature=1";
        response.probe_get_url = server_.url() + "/artifacts/probe?signature=2";
        return response;
    }
    AdmissionFacts measure() {
        AdmissionProbe probe(link_, clock_, folder_ / "home");
        return probe.measure(kTest, [this] { return urls(); });
    }

    static constexpr AdmissionTest kTest{.disk = gigabytes(1), .probe_max = megabytes(2)};
    fs::path folder_;
    std::string path_before_;
    FakeServer server_;
    ServerLink link_{{server_.url()}, ""};
    MachineClock clock_;
};

TEST_F(Probe, ReadsTheGpusAsTheDriverToolTellsThem) {
    put_smi(
        "NVIDIA GeForce RTX 4090, 24564, 3, 570.124.04, [N/A]\nNVIDIA A100-SXM4-80GB, 81920, "
        "0, 570.124.04, 2");
    const AdmissionFacts facts = measure();
    EXPECT_TRUE(facts.gpus_measured);
    ASSERT_EQ(facts.gpus.size(), 2U);
    EXPECT_EQ(facts.gpus[0], (MeasuredGpu{.name = "NVIDIA GeForce RTX 4090",
                                          .memory_mb = 24564,
                                          .memory_used_mb = 3,
                                          .driver = "570.124.04",
                                          .uncorrected_errors = 0}));
    EXPECT_EQ(facts.gpus[1].uncorrected_errors, 2);
    EXPECT_EQ(facts.not_measured, std::vector<std::string>{});
}

TEST_F(Probe, SaysThatThereIsNoDriverTool) {
    const AdmissionFacts facts = measure();
    EXPECT_FALSE(facts.gpus_measured);
    EXPECT_EQ(facts.not_measured, std::vector<std::string>{"GPU: nvidia-smi is not there"});
}

TEST_F(Probe, AToolThatFindsNoGpuIsAMeasurement) {
    put_smi("No devices were found");
    const AdmissionFacts facts = measure();
    EXPECT_TRUE(facts.gpus_measured);
    EXPECT_TRUE(facts.gpus.empty());
}

TEST_F(Probe, MeasuresDiskAndLinkAndLeavesNothing) {
    const AdmissionFacts facts = measure();
    EXPECT_GT(facts.disk_free.value().count, 0);
    EXPECT_GT(facts.disk_write_mb_per_second.value(), 0);
    EXPECT_GT(facts.upload_mbps.value(), 0);
    EXPECT_GT(facts.download_mbps.value(), 0);
    EXPECT_EQ(facts.storage_error, "");
    EXPECT_TRUE(fs::is_empty(folder_ / "home"));
    EXPECT_EQ(server_.get("/artifacts/probe"), "");
}

TEST_F(Probe, AStorageThatIsBusyForAMomentIsTriedAgain) {
    server_.fail_objects(2);
    EXPECT_EQ(measure().storage_error, "");
}

TEST_F(Probe, AStorageThatRefusesIsTold) {
    server_.fail_objects(1000);
    const AdmissionFacts facts = measure();
    EXPECT_NE(facts.storage_error.find("503"), std::string::npos) << facts.storage_error;
    EXPECT_EQ(facts.storage_error.find("signature"), std::string::npos) << "a signed URL is secret";
    EXPECT_FALSE(facts.download_mbps);
    EXPECT_GT(facts.disk_free.value().count, 0) << "the rest is measured all the same";
}

TEST_F(Probe, PostsItsFactsFromAThreadOfItsOwn) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<AdmissionFacts> posted;
    AdmissionProbe probe(link_, clock_, folder_ / "home");
    probe.start(
        kTest, [this] { return urls(); },
        [&](WorkerInput input) {
            const std::lock_guard lock(mutex);
            posted = std::get<worker_input::AdmissionEnded>(input).facts;
            changed.notify_all();
        });
    std::unique_lock lock(mutex);
    EXPECT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(60), [&] { return posted.has_value(); }));
}

}  // namespace
}  // namespace herder
