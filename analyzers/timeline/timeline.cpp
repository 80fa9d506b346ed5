#include "analyzers/timeline/timeline.h"

#include "analyzers/timeline/advice/advice.h"
#include "analyzers/timeline/parts.h"

namespace ridgeline::analyzers {

using namespace profile;

Finding timelineFinding(Severity severity, std::string text, std::string target, std::vector<std::string> evidence,
                        std::optional<double> value) {
  return {{}, "timeline", severity, std::move(text), std::move(target), std::move(evidence), value};
}

Status analyzeTimeline(Profile& profile) {
  for (auto clear : {&Profile::clear<KernelGroup>, &Profile::clear<DeviceUse>, &Profile::clear<IdleCause>,
                     &Profile::clear<Gap>, &Profile::clear<PathPart>}) {
    if (auto s = (profile.*clear)(); !s) return s;
  }
  if (auto s = profile.clear<TreeNode>(); !s) return s;
  if (auto s = profile.clearFindings("timeline"); !s) return s;
  if (auto s = forgetAdvice(profile); !s) return s;
  auto ranks = profile.count<Rank>();
  if (!ranks) return passOn(ranks);
  auto kernels = profile.count<KernelLaunch>();
  if (!kernels) return passOn(kernels);
  if (*ranks == 0 && *kernels == 0) return {};
  auto scene = readScene(profile);
  if (!scene) return passOn(scene);
  Findings findings;
  if (auto s = writeDeviceTime(profile, *scene, findings); !s) return s;
  if (auto s = writeKernelGroups(profile, *scene, findings); !s) return s;
  if (auto s = writeCallTree(profile, *scene); !s) return s;
  if (auto s = writeCriticalPath(profile, *scene, findings); !s) return s;
  if (auto s = judgeRuns(profile, *scene, findings); !s) return s;
  if (auto s = writeAdvice(profile, *scene); !s) return s;
  return profile.addAll(findings);
}

}  // namespace ridgeline::analyzers
