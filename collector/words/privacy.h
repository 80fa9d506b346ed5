// What of a recording's texts may stand in a profile: no folders, user names, hosts or addresses.
#pragma once

#include <string>
#include <string_view>

namespace ridgeline::collector {

// "/home/ann/net/train.py(12): main" -> "train.py(12): main", "ann@host7: step" -> "(removed): step". Names that only
// look like paths, "/layer1/Conv", stay. Control characters become spaces; long texts are cut at 64 KB.
std::string cleaned(std::string_view text);

}  // namespace ridgeline::collector
