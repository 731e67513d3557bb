#pragma once
// Takes outputs that are too large for one request: hands out URLs for their parts, and makes the
// object once all are there. Every attempt writes to the same names, so each has uploads of its
// own, which are written down in the store: the server after this one goes on with them, and no
// other attempt ever does. To make an object may take minutes, so that is done apart from the rest:
// prepare, make, finish. Not thread-safe but for make: one thread uses it, and it waits for the
// store.
#include <functional>
#include <map>
#include <optional>
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

    // An object that is being made of its parts.
    struct Making {
        Owner owner;
        protocol::OutputUpload upload;
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
    // What is to be made now; nothing where the object is there. Until it is finished nothing else
    // of the job is made (kUnavailable), and other attempts of it wait for it with all they ask.
    // kNotFound: nothing was begun, and where the parts go is to be asked again.
    Result<std::optional<Making>> prepare(const Owner& owner, const protocol::SentOutput& sent);
    // Any thread. `may_change` is asked right before the object can change, and its error is
    // returned.
    Status make(const Making& making, const std::function<Status()>& may_change) const;
    // Once for each that was prepared, with what came of it. What its sender is to be told;
    // kNotFound: parts are missing, or they are of another file, and where they go is to be asked
    // again.
    Status finish(const Making& making, const Status& made);

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
    Status check_idle(const Owner& owner, const std::string& path) const;
    // False: it is to be begun anew, or goes on.
    Result<bool> was_made(const Owner& owner, const protocol::OutputUpload& upload) const;
    Result<bool> is_there(const Owner& owner, const protocol::OutputUpload& upload) const;
    void give_up(const std::string& key, const std::string& upload);
    // Of the object itself, once it is made.
    Status check_object(const std::string& key, const protocol::SentOutput& sent) const;

    ObjectStore& objects_;
    PartDesk parts_;
    std::map<JobId, Book> books_;     // of each job's newest attempt
    std::map<JobId, Making> making_;  // one a job
};

}  // namespace herder::api
