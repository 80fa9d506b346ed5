#include "advisor/ledger.h"

#include <map>
#include <tuple>

namespace ridgeline::advisor {
namespace {

profile::Verdict rowVerdict(Verdict v) {
  switch (v) {
    case Verdict::Faster:
      return profile::Verdict::Faster;
    case Verdict::Slower:
      return profile::Verdict::Slower;
    case Verdict::Inconclusive:
      break;
  }
  return profile::Verdict::Inconclusive;
}

profile::Advice adviceRow(const Opportunity& o) {
  const auto& info = findRule(o.rule)->info();
  profile::Advice row;
  row.rule = o.rule;
  row.kind = nameOf(info.kind);
  row.lossy = info.lossy;
  row.variant = o.variant;
  row.target = o.target;
  row.places = o.places;
  row.evidence = o.evidence;
  row.predictedGainMs = o.predictedGainMs;
  row.risk = o.risk;
  return row;
}

std::optional<int64_t> rounded(const std::optional<double>& bytes) {
  if (!bytes) return std::nullopt;
  return static_cast<int64_t>(*bytes);
}

profile::Trial trialRow(const Trial& trial, profile::AdviceId advice, int64_t ordinal) {
  profile::Trial row;
  row.advice = advice;
  row.ordinal = ordinal;
  row.rule = trial.opportunity.rule;
  row.kind = nameOf(trial.kind);
  row.lossy = trial.lossy;
  row.variant = trial.opportunity.variant;
  row.target = trial.opportunity.target;
  row.predictedGainMs = trial.opportunity.predictedGainMs;
  row.accepted = trial.accepted;
  row.reason = trial.reason;
  row.seconds = trial.seconds;
  row.bytesBefore = rounded(trial.bytes.before);
  row.bytesAfter = rounded(trial.bytes.after);
  if (trial.judgement) {
    row.beforeMs = trial.judgement->baselineMs;
    row.measuredGainMs = trial.judgement->gainMs();
    row.ratio = trial.judgement->ratio;
    row.ratioLo = trial.judgement->ci95.lo;
    row.ratioHi = trial.judgement->ci95.hi;
    row.verdict = rowVerdict(trial.judgement->verdict);
    row.rounds = trial.judgement->rounds();
  }
  if (trial.spinning) {
    row.spinningGainMs = trial.spinning->gainMs();
    row.spinningBeforeMs = trial.spinning->baselineMs;
  }
  if (trial.verification) {
    if (const auto* first = trial.verification->primary()) {
      row.cosine = first->cosine;
      row.maxAbs = first->maxAbs;
    }
  }
  return row;
}

profile::Proof proofRow(const OptimizeResult& r, const std::filesystem::path& output) {
  profile::Proof row;
  row.baselineMs = r.judgement.baselineMs;
  row.optimizedMs = r.judgement.candidateMs;
  row.speedup = r.judgement.ratio;
  row.constraintsMet = r.constraintsMet;
  row.outputFile = output.filename().string();
  row.searchSeconds = r.searchSeconds;
  row.inputs = r.syntheticInputs ? profile::InputKind::Synthetic : profile::InputKind::Given;
  row.samples = r.verification.samples;
  row.rounds = r.judgement.rounds();
  if (r.changed) {
    row.speedupLo = r.judgement.ci95.lo;
    row.speedupHi = r.judgement.ci95.hi;
    row.verdict = rowVerdict(r.judgement.verdict);
  }
  if (const auto* first = r.verification.primary()) {
    row.cosine = first->cosine;
    row.maxAbs = first->maxAbs;
    row.top1Agreement = first->top1Agreement;
  }
  row.peakMemoryBefore = rounded(r.peakMemoryBytes.before);
  row.peakMemoryAfter = rounded(r.peakMemoryBytes.after);
  row.goal = nameOf(r.goal);
  row.tensorMemoryBefore = rounded(r.tensorBytes.before);
  row.tensorMemoryAfter = rounded(r.tensorBytes.after);
  if (!r.settings.empty()) row.engineSettings = engine::toJson(r.settings);
  row.specialization = r.specialization;
  if (!r.ioLayout.empty()) {
    row.specialization += fmt::format("{}for data with axes in another order, {}",
                                      row.specialization.empty() ? "" : "; ", r.ioLayout.describe());
  }
  row.modelBytesBefore = rounded(r.modelBytes.before);
  row.modelBytesAfter = rounded(r.modelBytes.after);
  return row;
}

// Advice that is in the profile already is not written twice, so that what was advised and what was tried of it are one
// row.
class AdviceRows {
 public:
  static Result<AdviceRows> of(profile::Profile& profile) {
    auto rows = profile.all<profile::Advice>();
    if (!rows) return passOn(rows);
    AdviceRows known(profile);
    for (const auto& row : *rows) known.m_ids.emplace(keyOf(row), row.id);
    return known;
  }

  Result<profile::AdviceId> idOf(const Opportunity& o) {
    const auto row = adviceRow(o);
    auto& id = m_ids[keyOf(row)];
    if (id) return id;
    auto added = m_profile.add(row);
    if (added) id = *added;
    return added;
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  explicit AdviceRows(profile::Profile& profile) : m_profile(profile) {}
  static Key keyOf(const profile::Advice& row) { return {row.rule, row.variant, row.target}; }

  profile::Profile& m_profile;
  std::map<Key, profile::AdviceId> m_ids;
};

Status addNearMisses(profile::Profile& profile, const std::vector<NearMiss>& misses) {
  std::vector<profile::NearMiss> rows;
  for (const auto& m : misses) rows.push_back({{}, m.rule, m.place, m.why});
  return profile.addAll(rows);
}

}  // namespace

Status writeLedger(profile::Profile& profile, const OptimizeResult& result, const std::filesystem::path& output) {
  auto transaction = profile.begin();
  if (!transaction) return passOn(transaction);
  auto before = profile.count<profile::Trial>();
  if (!before) return passOn(before);
  int64_t ordinal = *before;
  auto rows = AdviceRows::of(profile);
  if (!rows) return passOn(rows);
  for (const auto& trial : result.trials) {
    auto advice = rows->idOf(trial.opportunity);
    if (!advice) return passOn(advice);
    if (auto s = profile.add(trialRow(trial, *advice, ++ordinal)); !s) return passOn(s);
  }
  if (auto s = profile.add(proofRow(result, output)); !s) return passOn(s);
  if (auto s = profile.clear<profile::NearMiss>(); !s) return s;
  if (auto s = addNearMisses(profile, result.nearMisses); !s) return s;
  return transaction->commit();
}

Status writeAdvice(profile::Profile& profile, const Proposals& proposals) {
  auto transaction = profile.begin();
  if (!transaction) return passOn(transaction);
  // Advice that was tried stays: its trial refers to it.
  auto trials = profile.count<profile::Trial>();
  if (!trials) return passOn(trials);
  if (*trials == 0) {
    if (auto s = profile.clear<profile::Advice>(); !s) return s;
  }
  if (auto s = profile.clear<profile::NearMiss>(); !s) return s;
  auto rows = AdviceRows::of(profile);
  if (!rows) return passOn(rows);
  for (const auto& o : proposals.opportunities) {
    if (auto id = rows->idOf(o); !id) return passOn(id);
  }
  if (auto s = addNearMisses(profile, proposals.nearMisses); !s) return s;
  return transaction->commit();
}

}  // namespace ridgeline::advisor
