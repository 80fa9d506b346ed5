#include "profile/rows_impl.h"

namespace ridgeline::profile {

std::string_view nameOf(Provenance value) { return textOfEnum(value); }
std::string_view nameOf(RoofKind value) { return textOfEnum(value); }
std::string_view nameOf(RunKind value) { return textOfEnum(value); }
std::string_view nameOf(TrackKind value) { return textOfEnum(value); }
std::string_view nameOf(SliceKind value) { return textOfEnum(value); }
std::string_view nameOf(Bound value) { return textOfEnum(value); }
std::string_view nameOf(Severity value) { return textOfEnum(value); }
std::string_view nameOf(Verdict value) { return textOfEnum(value); }
std::string_view nameOf(InputKind value) { return textOfEnum(value); }

Status Profile::add(const OperatorNode& row) { return writeRow(*m_impl, Sql<OperatorNode>::of().insert, row); }
Status Profile::add(const CounterValue& row) { return writeRow(*m_impl, Sql<CounterValue>::of().insert, row); }
Status Profile::add(const Classification& row) { return writeRow(*m_impl, Sql<Classification>::of().insert, row); }

RIDGELINE_ROW_WITH_ID(Device)
RIDGELINE_ROW_WITH_ID(Roof)
RIDGELINE_ROW_WITH_ID(Model)
RIDGELINE_ROW_WITH_ID(Node)
RIDGELINE_ROW_WITH_ID(Run)
RIDGELINE_ROW_WITH_ID(Operator)
RIDGELINE_ROW_WITH_ID(Track)
RIDGELINE_ROW_WITH_ID(Slice)
RIDGELINE_ROW_WITH_ID(CounterKind)
RIDGELINE_ROW_WITH_ID(Finding)
RIDGELINE_ROW_WITH_ID(Advice)
RIDGELINE_ROW_WITH_ID(Trial)
RIDGELINE_ROW_WITH_ID(Proof)
RIDGELINE_ROW_WITH_ID(NearMiss)
RIDGELINE_ROW(OperatorNode)
RIDGELINE_ROW(CounterValue)
RIDGELINE_ROW(Classification)

}  // namespace ridgeline::profile
