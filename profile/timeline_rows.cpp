#include "profile/rows_impl.h"
#include "profile/timeline_columns.h"

namespace ridgeline::profile {

std::string_view nameOf(CopyDirection value) { return textOfEnum(value); }

const char* copyLabel(CopyDirection direction) {
  switch (direction) {
    case CopyDirection::HostToDevice:
      return "copy host to device";
    case CopyDirection::DeviceToHost:
      return "copy device to host";
    case CopyDirection::DeviceToDevice:
      return "copy device to device";
    case CopyDirection::PeerToPeer:
      return "copy peer to peer";
    case CopyDirection::HostToHost:
      return "copy host to host";
    case CopyDirection::Set:
      return "set memory";
    case CopyDirection::Unknown:
      break;
  }
  return "copy";
}

std::string_view nameOf(KernelKind value) { return textOfEnum(value); }
std::string_view nameOf(IdleReason value) { return textOfEnum(value); }

RIDGELINE_ROW_WITH_ID(Rank)
RIDGELINE_ROW_WITH_ID(LaunchShape)
RIDGELINE_ROW_WITH_ID(Flow)
RIDGELINE_ROW_WITH_ID(Series)
RIDGELINE_ROW_WITH_ID(Sample)
RIDGELINE_ROW_WITH_ID(Intake)
RIDGELINE_ROW_WITH_ID(KernelGroup)
RIDGELINE_ROW_WITH_ID(DeviceUse)
RIDGELINE_ROW_WITH_ID(IdleCause)
RIDGELINE_ROW_WITH_ID(Gap)
RIDGELINE_ROW_WITH_ID(TreeNode)
RIDGELINE_ROW_WITH_ID(PathPart)
RIDGELINE_ROW(KernelLaunch)
RIDGELINE_ROW(Copy)
RIDGELINE_ROW(KernelCounter)

}  // namespace ridgeline::profile
