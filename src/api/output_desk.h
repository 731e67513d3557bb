#pragma once
// Takes outputs that are too large for one request: hands out URLs for their parts, and makes the
// object once all are there. Every attempt writes to the same names, so each has uploads of its
// own, which are written down in the store: the server after this one goes on with them, and no
// other attempt ever does. Not thread-safe: one thread uses it, and it waits for the store.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api/part_desk.h"
#include "core/checkpoints/checkpoint.h"
#include "protocol/output_parts_json.h"

namespace herder::api {

class OutputDesk {
  public:
    struct Owner {
        std::string team;
        AttemptKey attempt;
    };

    explicit OutputDesk(ObjectStore& objects) : objects_(objects), parts_(objects) {}

    // Whether a file of this size goes in parts.
    bool takes_parts(Bytes size) const;
    // Before the first byte of an attempt's outputs may go to the store: what earlier attempts left
    // unfinished is given up, and what this one has begun of the files in `whole`, which come in
    // one piece after all. Once an attempt, and again where `whole` names something.
    Status begin(const Owner& owner, const std::vector<std::string>& whole);
    // No parts where the whole file is there already.
    Result<protocol::PartsResponse> sign(const Owner& owner,
                                         const protocol::OutputPartsRequest& wish,
                                         WallTime expires);
    // `may_change` is asked right before the object can change, and its error is returned. May be
    // repeated. kNotFound: parts are missing, or they are of another file; where they go is to be
    // asked again.
    Status complete(const Owner& owner, const protocol::SentOutput& sent,
                    const std::function<Status()>& may_change);

  private:
    using Uploads = std::map<std::string, protocol::OutputUpload>;  // by path
    struct Book {
        Fence fence;
        Uploads uploads;
    };

    Result<Book*> open_book(const Owner& owner);
    Result<Uploads> load(const Owner& owner);
    Status save(const Owner& owner, const Book& book);
    void give_up_strangers(const Owner& owner, const Book& book);
    Status start(const Owner& owner, Book& book, const protocol::SentOutput& output);
    // False: it is to be begun anew.
    Result<bool> is_there(const std::string& key, const protocol::OutputUpload& upload);
    void give_up(const std::string& key, const std::string& upload);
    Status make_object(const std::string& key, const protocol::OutputUpload& upload);
    // Of the object itself, once it is made.
    Status check_object(const std::string& key, const protocol::SentOutput& sent);

    ObjectStore& objects_;
    PartDesk parts_;
    std::map<JobId, Book> books_;  // of each job's newest attempt
};

}  // namespace herder::api
