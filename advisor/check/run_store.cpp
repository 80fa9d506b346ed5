#include "advisor/check/run_store.h"

#include "base/hash.h"
#include "base/stats.h"

#include <charconv>
#include <cstdlib>
#include <map>
#include <tuple>

namespace ridgeline::advisor {
namespace {

std::string firstSet(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

}  // namespace

RunLabels labelsFromEnvironment() {
  return {.project = firstSet({"RIDGELINE_PROJECT", "GITHUB_REPOSITORY", "CI_PROJECT_PATH"}),
          // Of a pull request, the branch it comes from.
          .branch = firstSet({"RIDGELINE_BRANCH", "GITHUB_HEAD_REF", "GITHUB_REF_NAME",
                              "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"}),
          .commit = firstSet({"RIDGELINE_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA"})};
}

Result<StoredRun> describeRun(const std::filesystem::path& path) {
  auto id = sha256OfFile(path);
  if (!id) return passOn(id);
  auto profile = profile::Profile::open(path, profile::Profile::Mode::ReadOnly);
  if (!profile) return passOn(profile);
  StoredRun run{.id = std::move(*id)};
  const auto get = [&](std::string_view key) { return profile->metaValue(key).value_or(""); };
  run.created = get(profile::meta::created);
  run.model = get(profile::meta::model);
  run.modelSha256 = get(profile::meta::modelSha256);
  run.device = get(profile::meta::device);
  run.engine = get(profile::meta::engine);
  const auto threads = get(profile::meta::threads);
  std::from_chars(threads.data(), threads.data() + threads.size(), run.threads);
  auto rows = profile->all<profile::Run>();
  if (!rows) return passOn(rows);
  // The steps of an imported recording are its only runs, and observed ones.
  std::vector<double> ms, steps;
  for (const auto& row : *rows) {
    (row.kind == profile::RunKind::Plain ? ms : steps).push_back(static_cast<double>(row.durationNs) * 1e-6);
  }
  if (ms.empty()) ms = std::move(steps);
  run.runs = static_cast<int64_t>(ms.size());
  if (!ms.empty()) {
    run.latencyMs = median(ms);
    run.latencySigmaMs = robustSigma(ms);
  }
  return run;
}

bool matches(const StoredRun& run, const RunFilter& filter) {
  const auto fits = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
  return fits(filter.project, run.labels.project) && fits(filter.branch, run.labels.branch) &&
         fits(filter.model, run.model) && fits(filter.device, run.device) &&
         (filter.threads == 0 || filter.threads == run.threads);
}

std::vector<size_t> toPrune(const std::vector<StoredRun>& runs, size_t keep) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, size_t> seen;
  std::vector<size_t> out;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto& r = runs[i];
    if (++seen[{r.labels.project, r.labels.branch, r.model, r.device}] > keep) out.push_back(i);
  }
  return out;
}

bool isDatabase(const std::string& where) {
  return where.rfind("postgres://", 0) == 0 || where.rfind("postgresql://", 0) == 0;
}

Result<std::unique_ptr<RunStore>> openRunStore(const std::string& where) {
  if (isDatabase(where)) return openPostgresStore(where);
  if (where.find("://") != std::string::npos) {
    return fail(ErrorCode::Usage, fmt::format("{} is no place for recordings", where.substr(0, where.find("://") + 3)),
                "name a folder, or a database as postgres://HOST/NAME");
  }
  return makeFolderStore(where);
}

}  // namespace ridgeline::advisor
