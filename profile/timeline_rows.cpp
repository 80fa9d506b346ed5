#include "profile/rows_impl.h"
#include "profile/timeline_columns.h"

namespace ridgeline::profile {

std::string_view nameOf(CopyDirection value) { return textOfEnum(value); }
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
