#include "adapters/objects/az/azure_probe.h"

#include <algorithm>
#include <array>
#include <thread>

#include "base/digest.h"

namespace herder::az {

namespace {

constexpr int kRacers = 8;
constexpr Duration kUrlLife = minutes(10);
const http::Headers kBlob{{"x-ms-blob-type", "BlockBlob"}};

class Probe {
  public:
    Probe(AzureObjectStore& store, const Clock& clock, const http::TlsTrust& trust)
        : store_(store), clock_(clock), trust_(trust) {
        report_.abilities.provider = "azure";
        report_.abilities.part_size_min = store.multipart()->limits().part_size_min;
        report_.abilities.parts_max = store.multipart()->limits().parts_max;
        folder_ =
            "herder-probe-" +
            sha256_hex(std::to_string(clock.wall().us) + "/" + std::to_string(clock.monotonic().us))
                .substr(0, 12) +
            "/";
    }

    Result<remote::ProbeReport> run() {
        if (auto basics = try_basics(); !basics) return basics.error();
        try_listing();
        try_conditions();
        try_urls();
        try_multipart();
        const auto left = store_.list(folder_, 100);
        for (const ObjectInfo& object : left.value_or(std::vector<ObjectInfo>{}))
            (void)store_.remove(object.key);
        report_.abilities.probed = to_rfc3339(clock_.wall());
        return std::move(report_);
    }

  private:
    void note(const std::string& name, bool works, const std::string& detail,
              bool is_needed = false) {
        using remote::Verdict;
        const Verdict otherwise = is_needed ? Verdict::kBroken : Verdict::kMissing;
        report_.checks.push_back({name, works ? Verdict::kWorks : otherwise, detail});
    }
    std::string read(const std::string& name) {
        return store_.get(folder_ + name, 1 << 20).value_or("");
    }

    Status try_basics() {
        if (auto put = store_.put(folder_ + "basic", "first", false); !put) return put;
        (void)store_.put(folder_ + "basic", "second", false);
        const bool is_fresh = read("basic") == "second";
        note("put, replace, get", is_fresh,
             is_fresh ? "a read shows the last write" : "a read showed an old object", true);
        const bool is_gone =
            store_.remove(folder_ + "basic") && !store_.head(folder_ + "basic").has_value();
        note("delete", is_gone, is_gone ? "gone at once" : "the object is still there", true);
        return ok();
    }

    void try_listing() {
        for (const char* name : {"list/a", "list/b", "list/c"})
            (void)store_.put(folder_ + name, "x", false);
        const auto listed = store_.list(folder_ + "list/", 10);
        const bool is_complete = listed && listed->size() == 3;
        report_.abilities.lists_at_once = is_complete;
        note("list after put", is_complete,
             is_complete ? "complete at once"
             : listed    ? "new objects are missing from listings for a while"
                         : listed.error().message);
    }

    void try_conditions() {
        std::array<bool, kRacers> won{};
        std::vector<std::thread> racers;
        for (bool& wins : won) {
            racers.emplace_back(
                [&] { wins = store_.put(folder_ + "race", "x", true).has_value(); });
        }
        for (std::thread& racer : racers)
            racer.join();
        const auto winners = std::count(won.begin(), won.end(), true);
        if (winners == 1) report_.abilities.put_if_absent = remote::PutIfAbsent::kHeader;
        note("put if absent", winners == 1,
             std::to_string(winners) + " of " + std::to_string(kRacers) + " racing writers wins",
             true);
    }

    void try_urls() {
        const WallTime expires = clock_.wall() + kUrlLife;
        const auto put = store_.sign(UrlVerb::kPut, folder_ + "url", expires);
        const auto get = store_.sign(UrlVerb::kGet, folder_ + "url", expires);
        if (!put || !get) return note("signed URLs", false, put.error().message, true);
        std::string answer;
        const bool works = remote::use_url({"PUT", *put, "text", kBlob}, trust_) / 100 == 2 &&
                           remote::use_url({"GET", *get, ""}, trust_, &answer) == 200 &&
                           answer == "text";
        note("signed URLs", works,
             works ? "a worker needs no key" : "a signed URL was refused: is the clock right?",
             true);
        std::string other = *put;
        other.replace(other.find("/url?"), 5, "/urk?");
        const bool is_bound = remote::use_url({"PUT", other, "text", kBlob}, trust_) == 403 &&
                              remote::use_url({"PUT", *get, "text", kBlob}, trust_) == 403;
        note("signed URLs bind key and verb", is_bound,
             is_bound ? "others are refused" : "a changed URL was accepted: do not use this store",
             true);
        report_.abilities.ranges =
            remote::use_url({"GET", *get, "", {{"Range", "bytes=1-2"}}}, trust_, &answer) == 206 &&
            answer == "ex";
        note("ranges", report_.abilities.ranges,
             report_.abilities.ranges ? "restores read in parallel" : "restores read in one piece");
    }

    void try_multipart() {
        const std::string why = try_upload();
        report_.abilities.multipart = why.empty();
        report_.abilities.complete_repeats = why.empty();
        const auto& uploads = static_cast<AzureUploads&>(*store_.multipart());
        note("uploads in parts by signed URLs", why.empty(),
             !why.empty()              ? why
             : uploads.copies_itself() ? "the store puts the parts together"
                                       : "parts go through this server when they are put together");
        note("checksums verified by the store", false,
             "not CRC-32C; herder verifies what it reads");
    }

    // Why it cannot be used; empty: it can.
    std::string try_upload() {
        MultipartUploads& uploads = *store_.multipart();
        const std::string key = folder_ + "parts";
        const auto id = uploads.create(key);
        if (!id) return id.error().message;
        const PendingUpload upload{key, *id, {}};
        const WallTime expires = clock_.wall() + kUrlLife;
        for (const auto& [number, body] : {std::pair<int, std::string>(1, "one "), {2, "two"}}) {
            const auto to = uploads.sign_part(upload, number, Bytes{4}, {}, expires);
            if (!to || remote::use_url({"PUT", *to, body, kBlob}, trust_) / 100 != 2)
                return "a part was refused";
        }
        const auto listed = uploads.parts(upload);
        if (!listed || listed->size() != 2) return "the list of parts is not complete";
        const auto pending = uploads.pending(key, 10);
        if (!pending || pending->size() != 1) return "uploads cannot be listed";
        for (int i = 0; i < 2; ++i) {
            if (auto done = uploads.complete(upload, *listed); !done) return done.error().message;
        }
        if (read("parts") != "one two") return "the object is not what its parts are";
        const auto late = uploads.sign_part(upload, 3, Bytes{4}, {}, expires);
        if (!late || remote::use_url({"PUT", *late, "late", kBlob}, trust_) / 100 == 2)
            return "a completed upload still takes parts";
        return "";
    }

    AzureObjectStore& store_;
    const Clock& clock_;
    const http::TlsTrust& trust_;
    std::string folder_;
    remote::ProbeReport report_;
};

}  // namespace

Result<remote::ProbeReport> probe_store(AzureObjectStore& store, const Clock& clock,
                                        const http::TlsTrust& trust) {
    return Probe(store, clock, trust).run();
}

}  // namespace herder::az
