// Prints what the agent sees in folders of checkpoints: usage: herder_layouts FOLDER... A line of
// JSON for each, a list of its checkpoints in the order of their paths.
#include <boost/json.hpp>
#include <iostream>

#include "worker/folder_listing.h"

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

}  // namespace
}  // namespace herder

int main(int argc, char** argv) {
    for (int at = 1; at < argc; ++at)
        std::cout << boost::json::serialize(herder::layouts_of(argv[at])) << '\n';
}
