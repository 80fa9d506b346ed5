// The two things a check compares, found and opened. For the check's own use.
#pragma once

#include "advisor/check/check.h"
#include "base/files.h"
#include "graph/model.h"

namespace ridgeline::advisor {

// What there is of one side: a recording, a model that can be run here, or both.
struct Side {
  std::optional<std::filesystem::path> recording;
  std::optional<std::filesystem::path> model;
  std::vector<std::string> shapes;  // as recorded, in the form of --shape
  CheckSide facts;
};

// By the file's name and content.
bool isRecording(const std::filesystem::path& path);

// Of a recording: the model too if `named` is it or it is known to this machine.
Result<Side> sideOfRecording(const std::filesystem::path& path, const std::filesystem::path& named);
Result<Side> sideOfModel(const std::filesystem::path& path);

// The baseline of a check, or nothing. `scratch` is for what has to be fetched.
struct Baseline {
  std::optional<Side> side;
  std::vector<StoredRun> past;  // of a store: all that are like it, newest first
  std::unique_ptr<RunStore> store;
};
Result<Baseline> findBaseline(const CheckRequest& request, const Side& current, const std::filesystem::path& scratch);

// Makes the subject the baseline.
Status makeBaseline(const CheckRequest& request, Baseline& baseline, Side& current,
                    const std::filesystem::path& scratch, Job job);

// Records the current side's model into `scratch`, if there is no recording yet.
Status recordSide(const CheckRequest& request, Side& side, const std::filesystem::path& scratch, Job job);

}  // namespace ridgeline::advisor
