#include "collector/launch/spool_rows.h"

#include "collector/launch/process_names.h"
#include "collector/launch/spool_ingest.h"

namespace ridgeline::collector {
namespace {

void noteDamage(const SpoolFile& spool, const plugins::SpoolDamage& damage, std::vector<std::string>& notes) {
  const auto whose = fmt::format("{} of process {}", spool.info.plugin, spool.info.program);
  if (damage.missingBytes > 0) {
    notes.push_back(fmt::format("the last records ({}) are missing: it was ended while they were written", whose));
  }
  if (damage.blocks > 0) {
    notes.push_back(fmt::format("{} damaged {} of records ({}) were left out", damage.blocks,
                                damage.blocks == 1 ? "block" : "blocks", whose));
  }
  if (damage.unknown > 0) notes.push_back(fmt::format("{} records ({}) are of no known kind", damage.unknown, whose));
}

Result<profile::RankId> addRank(profile::Profile& profile, const SpoolFile& spool, int64_t ordinal, std::string name,
                                const SpoolContext& context) {
  return profile.add(profile::Rank{.ordinal = ordinal,
                                   .name = std::move(name),
                                   .source = spool.info.program,
                                   .format = "ridgeline",
                                   .clockOffsetNs = -context.originNs});
}

// Zero, unless the process counts CLOCK_MONOTONIC from another moment (a container): more than any error of reading two
// clocks one after the other.
int64_t namespaceOffset(const SpoolFile& spool, const SpoolContext& context) {
  const int64_t theirs = spool.info.realtimeNs - spool.info.monotonicNs;
  const int64_t offset = theirs - context.realtimeOffsetNs;
  return offset > 1'000'000'000 || offset < -1'000'000'000 ? offset : 0;
}

}  // namespace

Result<SpoolTotals> writeSpools(profile::Profile& profile, const SpoolFolder& spools, const SpoolContext& context,
                                Job job) {
  SpoolTotals totals;
  totals.notes = spools.problems;
  SpoolIngest::Shared shared;
  std::map<std::pair<int64_t, std::string>, profile::RankId> ranks;  // exec() keeps a process's number
  ProcessNames names;
  job.progress.phase("gather records");
  auto writer = profile::TimelineWriter::open(profile);
  if (!writer) return passOn(writer);
  auto transaction = profile.begin();
  if (!transaction) return passOn(transaction);
  if (auto dropped = writer->dropTimeIndex(); !dropped) return passOn(dropped);
  for (size_t i = 0; i < spools.spools.size(); ++i) {
    const auto& spool = spools.spools[i];
    if (auto go = job.stop.check(); !go) return passOn(go);
    auto& rank = ranks[{spool.info.process, spool.info.program}];
    if (!rank) {
      auto added =
          addRank(profile, spool, static_cast<int64_t>(ranks.size()) - 1, names.next(spool.info.program), context);
      if (!added) return passOn(added);
      rank = *added;
    }
    auto survey = surveySpool(spool.path);
    if (!survey) return passOn(survey);
    SpoolIngest ingest(profile, spool.info, rank, context, namespaceOffset(spool, context), *survey, shared, *writer,
                       totals);
    auto damage = ingest.run(spool.path);
    if (!damage) return passOn(damage);
    noteDamage(spool, *damage, totals.notes);
    job.progress.fraction(static_cast<double>(i + 1) / static_cast<double>(spools.spools.size()));
  }
  if (auto built = writer->buildTimeIndex(); !built) return passOn(built);
  for (auto& [rank, operators] : shared.operators) {
    if (auto written = operators.write(profile, *writer, rank); !written) return passOn(written);
  }
  if (auto done = transaction->commit(); !done) return passOn(done);
  totals.processes = static_cast<int64_t>(ranks.size());
  for (auto& [key, device] : shared.devices) totals.devices.push_back(device);
  return totals;
}

}  // namespace ridgeline::collector
