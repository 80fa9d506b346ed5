// Recordings that many runners share: baselines, and a history.
#pragma once

#include "base/result.h"
#include "profile/profile.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// What whoever publishes a run says of it.
struct RunLabels {
  std::string project, branch, commit;
};
// From the environment that CI systems set (GitHub, GitLab, and RIDGELINE_PROJECT, _BRANCH, _COMMIT, which win).
RunLabels labelsFromEnvironment();

// A recording in short: what history and baselines are chosen by.
struct StoredRun {
  std::string id;  // SHA-256 of the file: the same recording is the same run, however often it is published
  RunLabels labels;
  std::string created;  // UTC, of the recording
  std::string model, modelSha256, device, engine;
  int threads = 0;
  std::optional<double> latencyMs;       // median of the plain runs, else of the steps
  std::optional<double> latencySigmaMs;  // robust, of one run
  int64_t runs = 0;
};

// Reads what a run says of itself from its profile.
Result<StoredRun> describeRun(const std::filesystem::path& profile);

// Empty texts and 0 match anything.
struct RunFilter {
  std::string project, branch, model, device;
  int threads = 0;
  size_t limit = 1000;  // of the newest
};
bool matches(const StoredRun& run, const RunFilter& filter);

class RunStore {
 public:
  virtual ~RunStore() = default;

  // Puts a recording in. What is there already is not put in again (and is no error). `model`, if not empty, is the
  // model's file, kept for comparing in turns where the store keeps models.
  virtual Result<StoredRun> publish(const std::filesystem::path& profile, const RunLabels& labels,
                                    const std::filesystem::path& model) = 0;
  // Newest first.
  virtual Result<std::vector<StoredRun>> list(const RunFilter& filter) = 0;
  // Writes a run's recording to `path`.
  virtual Status fetch(const std::string& id, const std::filesystem::path& path) = 0;
  // The kept model of this hash, if there is one.
  virtual std::optional<std::filesystem::path> modelFile(const std::string& sha256) = 0;
  // Removes all but the newest `keep` runs of each project, branch, model and device. Returns how many went.
  virtual Result<int64_t> prune(size_t keep) = 0;
  // For messages: without credentials.
  virtual std::string name() const = 0;
};

bool isDatabase(const std::string& where);
// A folder (made when something is published), or a database ("postgres://host/name"). Usage when the address carries a
// password.
Result<std::unique_ptr<RunStore>> openRunStore(const std::string& where);
std::unique_ptr<RunStore> makeFolderStore(const std::filesystem::path& folder);
Result<std::unique_ptr<RunStore>> openPostgresStore(const std::string& url);

// The runs that prune() removes: indices into `runs`, which are newest first.
std::vector<size_t> toPrune(const std::vector<StoredRun>& runs, size_t keep);

}  // namespace ridgeline::advisor
