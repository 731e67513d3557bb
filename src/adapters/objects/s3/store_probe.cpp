#include "adapters/objects/s3/store_probe.h"

#include <algorithm>
#include <array>
#include <thread>

#include "adapters/objects/remote/xml_tree.h"
#include "adapters/objects/s3/checksum_text.h"
#include "adapters/objects/s3/s3_uploads.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder::s3 {

namespace {

constexpr int kRacers = 8;
constexpr std::size_t kPartSize = 5 << 20;
constexpr Duration kUrlLife = minutes(10);

class Probe {
  public:
    Probe(S3Client& client, const Clock& clock, const http::TlsTrust& trust)
        : client_(client), clock_(clock), trust_(trust) {
        report_.abilities = remote::preset_of(provider_of(client.location()));
        const std::string draw = sha256_hex(std::to_string(clock.wall().us) + "/" +
                                            std::to_string(clock.monotonic().us));
        folder_ = client.location().prefix + "herder-probe-" + draw.substr(0, 12) + "/";
    }

    Result<remote::ProbeReport> run() {
        if (auto basics = try_basics(); !basics) return basics.error();
        try_listing();
        try_conditions();
        try_checksums();
        try_urls();
        try_ranges();
        try_multipart();
        for (const std::string& key : written_)
            (void)send("DELETE", key);
        report_.abilities.probed = to_rfc3339(clock_.wall());
        return std::move(report_);
    }

  private:
    S3Result send(const std::string& method, const std::string& name, const std::string& body = "",
                  Fields headers = {}, Fields query = {}) {
        S3Request request;
        request.method = method;
        request.key = name.starts_with(folder_) ? name : folder_ + name;
        request.body = body;
        request.headers = std::move(headers);
        request.query = std::move(query);
        request.may_hide_error = method == "POST";
        if (method == "PUT") written_.push_back(request.key);
        return client_.call(request);
    }
    static int status_of(const S3Result& result) {
        return result ? result->response.status : result.error().status;
    }
    void note(const std::string& name, bool works, const std::string& detail,
              bool is_needed = false) {
        const remote::Verdict otherwise =
            is_needed ? remote::Verdict::kBroken : remote::Verdict::kMissing;
        report_.checks.push_back({name, works ? remote::Verdict::kWorks : otherwise, detail});
    }
    // The status of a request with this URL, as a worker makes it; 0 where none came.
    int use(const std::string& method, const std::string& url, const std::string& body,
            http::Headers headers = {}, std::string* answer = nullptr) {
        return remote::use_url({method, url, body, std::move(headers)}, trust_, answer);
    }
    Result<std::string> url(const std::string& method, const std::string& name,
                            Fields headers = {}) {
        S3Request request;
        request.method = method;
        request.key = folder_ + name;
        request.headers = std::move(headers);
        if (method == "PUT") written_.push_back(request.key);
        return client_.presign(request, kUrlLife);
    }

    Status try_basics() {
        const S3Result put = send("PUT", "basic", "first");
        if (!put) return put.error().error;
        (void)send("PUT", "basic", "second");
        const S3Result got = send("GET", "basic");
        if (!got) return got.error().error;
        const bool is_fresh = got->response.body == "second";
        note("put, replace, get", is_fresh,
             is_fresh ? "a read shows the last write" : "a read showed an old object", true);
        const S3Result removed = send("DELETE", "basic");
        const bool is_gone = removed && status_of(send("GET", "basic")) == 404;
        note("delete", is_gone,
             is_gone ? "gone at once"
                     : "the object is still there; allow s3:DeleteObject in the key's policy",
             true);
        return ok();
    }

    void try_listing() {
        for (const char* name : {"list/a", "list/b", "list/c"})
            (void)send("PUT", name, "x");
        std::vector<std::string> found;
        std::string token;
        for (int pages = 0; pages < 5; ++pages) {
            S3Request request;
            request.query = {{"list-type", "2"}, {"prefix", folder_ + "list/"}, {"max-keys", "2"}};
            if (!token.empty()) request.query.emplace_back("continuation-token", token);
            const S3Result listed = client_.call(request);
            const auto xml = listed ? remote::parse_xml(listed->response.body)
                                    : Result<remote::XmlNode>(listed.error().error);
            if (!xml) return note("list", false, xml.error().message, true);
            for (const remote::XmlNode& node : xml->children) {
                if (node.name == "Contents") found.push_back(node["Key"].substr(folder_.size()));
            }
            token = (*xml)["NextContinuationToken"];
            if (token.empty()) break;
        }
        const bool is_complete = found == std::vector<std::string>{"list/a", "list/b", "list/c"};
        report_.abilities.lists_at_once = is_complete;
        note(
            "list after put, in pages", is_complete,
            is_complete ? "complete at once" : "new objects are missing from listings for a while");
    }

    bool try_condition(const Fields& condition) {
        const std::string name = "once-" + condition.front().first;
        if (status_of(send("PUT", name, "first", condition)) / 100 != 2) return false;
        const int second = status_of(send("PUT", name, "second", condition));
        const S3Result got = send("GET", name);
        return (second == 412 || second == 409) && got && got->response.body == "first";
    }

    int count_winners(const Fields& condition) {
        std::array<int, kRacers> statuses{};
        std::vector<std::thread> racers;
        racers.reserve(statuses.size());
        written_.push_back(folder_ + "race");
        for (int& status : statuses) {
            racers.emplace_back([&] {
                S3Request request;
                request.method = "PUT";
                request.key = folder_ + "race";
                request.headers = condition;
                request.body = std::string(1000, 'x');
                status = status_of(client_.call(request));
            });
        }
        for (std::thread& racer : racers)
            racer.join();
        return static_cast<int>(std::count_if(statuses.begin(), statuses.end(),
                                              [](int status) { return status / 100 == 2; }));
    }

    void try_conditions() {
        const Fields header{{"if-none-match", "*"}};
        const Fields google{{"x-goog-if-generation-match", "0"}};
        const bool is_google = report_.abilities.provider == "gcs";
        const Fields& condition = is_google ? google : header;
        if (!try_condition(condition)) {
            return note("put if absent", false,
                        "not offered: one server at a time must write this bucket");
        }
        const int winners = count_winners(condition);
        if (winners != 1) {
            return note("put if absent", false,
                        "not atomic: " + std::to_string(winners) + " of " +
                            std::to_string(kRacers) + " racing writers were told they won");
        }
        report_.abilities.put_if_absent =
            is_google ? remote::PutIfAbsent::kGoogleHeader : remote::PutIfAbsent::kHeader;
        note("put if absent", true, "one of " + std::to_string(kRacers) + " racing writers wins");
    }

    void try_checksums() {
        // CRC-32C of "123456789".
        const auto sum = checksum_header(client_.location().dialect, 0xE3069283);
        const int right = status_of(send("PUT", "sum", "123456789", {sum}));
        const int wrong = status_of(send("PUT", "sum", "12345678X", {sum}));
        report_.abilities.checksums = right / 100 == 2 && wrong == 400;
        note("checksums verified by the store", report_.abilities.checksums,
             report_.abilities.checksums ? "CRC-32C"
             : wrong / 100 == 2          ? "a wrong one was taken; herder verifies for itself"
                                         : "refused; herder verifies for itself");
    }

    void try_urls() {
        const auto put = url("PUT", "url");
        const bool writes = put && use("PUT", *put, "text") / 100 == 2;
        const auto get = url("GET", "url");
        std::string answer;
        const bool reads = get && use("GET", *get, "", {}, &answer) == 200 && answer == "text";
        note("signed URLs", writes && reads,
             writes && reads ? "a worker needs no key"
             : put           ? "a signed URL was refused; herder cannot use this store"
                             : put.error().message,
             true);
        if (!put || !get) return;
        std::string other = *put;
        const std::size_t at = other.find("/url?");
        other.replace(at, 5, "/urk?");
        const bool is_bound = use("PUT", other, "text") == 403 && use("PUT", *get, "text") == 403;
        note("signed URLs bind key and verb", is_bound,
             is_bound ? "others are refused" : "a changed URL was accepted: do not use this store",
             true);
        const auto sized = url("PUT", "sized", {{"content-length", "4"}});
        report_.abilities.signed_size =
            sized && use("PUT", *sized, "four") / 100 == 2 && use("PUT", *sized, "five5") == 403;
        note("signed size", report_.abilities.signed_size,
             report_.abilities.signed_size ? "a worker can store no more than it was granted"
                                           : "a worker's part may be larger than granted");
    }

    void try_ranges() {
        const auto get = url("GET", "url");
        if (!get) return;
        std::string answer;
        const bool is_part =
            use("GET", *get, "", {{"Range", "bytes=1-2"}}, &answer) == 206 && answer == "ex";
        report_.abilities.ranges = is_part;
        note("ranges", is_part,
             is_part ? "restores read in parallel" : "restores read in one piece");
        const S3Result head = send("HEAD", "url");
        if (!head) return;
        const std::string etag(head->response.headers.get("etag").value_or(""));
        const http::Headers same{{"Range", "bytes=1-2"}, {"If-Match", etag}};
        const http::Headers other{{"Range", "bytes=1-2"}, {"If-Match", "\"0\""}};
        report_.abilities.range_if_match =
            use("GET", *get, "", same) == 206 && use("GET", *get, "", other) == 412;
        note(
            "ranges of one version", report_.abilities.range_if_match,
            report_.abilities.range_if_match ? "If-Match is honoured" : "If-Match is not honoured");
    }

    void try_multipart() {
        S3Uploads uploads(client_, report_.abilities, clock_);
        const std::string key = folder_.substr(client_.location().prefix.size()) + "parts";
        const std::string why = try_upload(uploads, key);
        report_.abilities.multipart = why.empty();
        note("multipart uploads by signed URLs", why.empty(),
             why.empty() ? "parts of " + to_text(Bytes{kPartSize}) + " and more" : why);
        if (!why.empty()) return;
        note("repeated completion", report_.abilities.complete_repeats,
             report_.abilities.complete_repeats
                 ? "answered as the first"
                 : "answered as unknown; herder looks at the object");
        const bool is_checked = checks_parts(key + "-checked");
        report_.abilities.part_checksums = is_checked;
        note("checksums of parts", is_checked,
             is_checked ? "CRC-32C, verified by the store"
                        : "not verified; what a checkpoint's parts hold shows when it is read");
    }

    // Whether a part with a wrong checksum is refused, and the checksum of another is kept. Google
    // keeps none of parts but that of the whole object.
    bool checks_parts(const std::string& key) {
        remote::Abilities checked = report_.abilities;
        checked.part_checksums = true;
        S3Uploads uploads(client_, checked, clock_);
        const auto id = uploads.create(key);
        if (!id) return false;
        written_.push_back(client_.location().prefix + key);
        const PendingUpload upload{key, *id, {}};
        const std::string body = "the end";
        const std::uint32_t crc = crc32c(body);
        const auto put = [&](std::uint32_t told) {
            const auto to = uploads.sign_part(upload, 1, Bytes{7}, told, clock_.wall() + kUrlLife);
            http::Headers headers;
            for (const auto& [name, value] : uploads.part_headers(told))
                headers.set(name, value);
            return to ? use("PUT", *to, body, std::move(headers)) : 0;
        };
        const bool is_refused = put(crc ^ 1U) == 400;
        const bool is_taken = put(crc) / 100 == 2;
        const auto parts = uploads.parts(upload);
        const bool is_listed = parts && parts->size() == 1 &&
                               (parts->front().crc32c == crc || client_.location().is_google());
        if (is_refused && is_taken && is_listed && uploads.complete(upload, *parts)) return true;
        (void)uploads.abort(upload);
        return false;
    }

    // Why it cannot be used; empty: it can.
    std::string try_upload(S3Uploads& uploads, const std::string& key) {
        const auto id = uploads.create(key);
        if (!id) return id.error().message;
        written_.push_back(folder_ + "parts");
        const PendingUpload upload{key, *id, {}};
        const std::string large(kPartSize, 'x');
        for (const auto& [number, body] : {std::pair<int, std::string>(1, large), {2, "the end"}}) {
            const auto to =
                uploads.sign_part(upload, number, Bytes{static_cast<std::int64_t>(body.size())}, {},
                                  clock_.wall() + kUrlLife);
            if (!to || use("PUT", *to, body) / 100 != 2) return "a part was refused";
        }
        const auto listed = uploads.parts(upload);
        if (!listed) return listed.error().message;
        if (listed->size() != 2) return "the list of parts is not complete";
        const auto pending = uploads.pending(key, 10);
        if (!pending) return "uploads cannot be listed: " + pending.error().message;
        if (pending->size() != 1) return "the list of uploads is not complete";
        const Status done = uploads.complete(upload, *listed);
        // Where only the answer was lost, the object is there.
        if (!done && done.error().code != ErrorCode::kNotFound) return done.error().message;
        S3Request again;
        again.method = "HEAD";
        again.key = folder_ + "parts";
        const S3Result head = client_.call(again);
        const std::string length(head ? head->response.headers.get("content-length").value_or("")
                                      : "");
        if (length != std::to_string(kPartSize + 7))
            return "the object has another size than its parts";
        report_.abilities.complete_repeats = repeats(upload, *listed);
        return try_abort(uploads, key);
    }

    bool repeats(const PendingUpload& upload, const std::vector<UploadPart>& parts) {
        std::string document = "<CompleteMultipartUpload>";
        for (const UploadPart& part : parts) {
            document += "<Part><PartNumber>" + std::to_string(part.number) + "</PartNumber><ETag>" +
                        part.etag + "</ETag></Part>";
        }
        return send("POST", "parts", document + "</CompleteMultipartUpload>", {},
                    {{"uploadId", upload.upload}})
            .has_value();
    }

    std::string try_abort(S3Uploads& uploads, const std::string& key) {
        const auto id = uploads.create(key);
        if (!id) return id.error().message;
        const PendingUpload upload{key, *id, {}};
        if (auto aborted = uploads.abort(upload); !aborted) return aborted.error().message;
        const auto late = uploads.sign_part(upload, 1, Bytes{4}, {}, clock_.wall() + kUrlLife);
        if (!late || use("PUT", *late, "late") / 100 == 2)
            return "an aborted upload still takes parts";
        return "";
    }

    S3Client& client_;
    const Clock& clock_;
    const http::TlsTrust& trust_;
    std::string folder_;
    std::vector<std::string> written_;
    remote::ProbeReport report_;
};

}  // namespace

Result<remote::ProbeReport> probe_store(S3Client& client, const Clock& clock,
                                        const http::TlsTrust& trust) {
    return Probe(client, clock, trust).run();
}

}  // namespace herder::s3
