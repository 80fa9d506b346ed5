// What the analysis of a timeline consists of. Each part writes its rows and says what is worth a finding.
#pragma once

#include "analyzers/timeline/scene.h"

#include <map>
#include <vector>

namespace ridgeline::analyzers {

using Findings = std::vector<profile::Finding>;

// kernel_group: launches of equal kernels, what they do, and what bounds them where work and roofs are known.
Status writeKernelGroups(profile::Profile& profile, const Scene& scene, Findings& findings);

// device_use, idle_cause, gap: how each device spent its time, and why it waited.
Status writeDeviceTime(profile::Profile& profile, const Scene& scene, Findings& findings);

// tree_node: operators and the kernels under them.
Status writeCallTree(profile::Profile& profile, const Scene& scene);

// path_part: the critical path of each rank's median run.
Status writeCriticalPath(profile::Profile& profile, const Scene& scene, Findings& findings);

// Nothing but findings: spread of the runs, ranks that are slower, copies that are pageable, memory.
Status judgeRuns(const profile::Profile& profile, const Scene& scene, Findings& findings);

profile::Finding timelineFinding(profile::Severity severity, std::string text, std::string target,
                                 std::vector<std::string> evidence, std::optional<double> value);

}  // namespace ridgeline::analyzers
