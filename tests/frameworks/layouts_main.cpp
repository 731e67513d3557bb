// Prints what the agent sees in folders of checkpoints: usage: herder_layouts [--move-aside]
// FOLDER... A line of JSON for each, a list of its checkpoints in the order of their paths; or of
// what was torn there and has been moved aside, as the agent does before it starts a job.
#include <boost/json.hpp>
#include <iostream>
#include <string_view>

#include "worker/folder_listing.h"
#include "worker/found_checkpoint.h"

namespace herder {
namespace {

boost::json::array layouts_of(const std::string& folder) {
    boost::json::array told;
    for (const CheckpointLayout& layout : find_layouts(FolderListing(folder).list())) {
        boost::json::object one{{"framework", to_string(layout.framework)},
                                {"path", layout.path},
                                {"step", nullptr},
                                {"fault", layout.fault},
                                {"untold", layout.is_untold}};
        if (layout.step) one["step"] = *layout.step;
        boost::json::array& files = (one["files"] = boost::json::array()).as_array();
        for (const SeenFile& file : layout.files)
            files.emplace_back(file.path);
        told.push_back(std::move(one));
    }
    return told;
}

boost::json::array move_aside(const std::string& folder) {
    boost::json::array told;
    for (const std::string& moved : move_torn_aside(FolderListing(folder).list(), folder))
        told.emplace_back(moved);
    return told;
}

}  // namespace
}  // namespace herder

int main(int argc, char** argv) {
    const bool moves = argc > 1 && std::string_view(argv[1]) == "--move-aside";
    for (int at = moves ? 2 : 1; at < argc; ++at) {
        const auto told = moves ? herder::move_aside(argv[at]) : herder::layouts_of(argv[at]);
        std::cout << boost::json::serialize(told) << '\n';
    }
}
