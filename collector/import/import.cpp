#include "collector/import/import.h"

#include "collector/import/groups.h"
#include "collector/import/link.h"
#include "collector/import/reader.h"
#include "collector/import/runs.h"
#include "collector/import/tensorrt/tensorrt_format.h"
#include "collector/import/write.h"
#include "collector/words/privacy.h"

#include <algorithm>
#include <set>

namespace ridgeline::collector::import {
namespace fs = std::filesystem;
namespace {

constexpr size_t kHead = 64 << 10;

Result<const Format*> formatOf(Input& input) {
  auto head = peek(input.bytes, kHead);
  if (!head) return passOn(head);
  if (head->empty()) return badInput(fmt::format("{} is empty", input.name()), "record it again");
  for (const auto& format : allFormats()) {
    if (format.recognizes(*head)) return &format;
  }
  std::string known;
  for (const auto& format : allFormats()) known += (known.empty() ? "" : ", ") + std::string(format.name);
  return badInput(fmt::format("{} is no recording that can be imported", input.name()),
                  fmt::format("known are {}; `ridgeline import --help` says more", known));
}

Result<std::vector<Recording>> read(Input& input, Names& names, Job job) {
  auto format = formatOf(input);
  if (!format) return passOn(format);
  auto recordings = (*format)->read(input, names, job);
  if (!recordings) return recordings;
  for (auto& recording : *recordings) {
    recording.source = cleaned(input.path.filename().string());
    link(recording);
    findRuns(recording, names);
    groupOperators(recording, names);
  }
  return recordings;
}

void collectNotKept(const Recording& recording, std::vector<profile::Intake>& notKept) {
  for (const auto& entry : recording.intake) {
    const auto& key = entry.first;
    if (key.kept) continue;
    const auto same = std::find_if(notKept.begin(), notKept.end(),
                                   [&](const auto& i) { return i.what == key.what && i.note == key.note; });
    if (same != notKept.end()) {
      same->count += entry.second;
    } else {
      notKept.push_back({{}, {}, key.what, entry.second, false, key.note});
    }
  }
}

// What reports say at their head.
Status describe(profile::Profile& profile, const ImportSummary& summary, const std::vector<std::string>& engines,
                const std::string& model) {
  namespace meta = profile::meta;
  std::set<std::string> devices;
  for (const auto& rank : summary.ranks) devices.insert(rank.devices.begin(), rank.devices.end());
  std::string device = devices.empty() ? "" : *devices.begin();
  if (devices.size() > 1)
    device += fmt::format(" and {} {}", devices.size() - 1, devices.size() == 2 ? "other" : "others");
  std::string notes;
  for (const auto& note : summary.notes) notes += (notes.empty() ? "" : "\n") + note;
  const std::pair<std::string_view, std::string> entries[] = {{meta::device, device},
                                                              {meta::engine, engines.empty() ? "" : engines.front()},
                                                              {meta::model, model},
                                                              {meta::inputs, "given"},
                                                              {meta::toolVersion, RIDGELINE_VERSION},
                                                              {meta::notes, notes}};
  for (const auto& [key, value] : entries) {
    if (auto s = profile.setMeta(key, value); !s) return s;
  }
  return {};
}

}  // namespace

Result<std::vector<Recording>> readRecording(const fs::path& path, Names& names, Job job) {
  auto bytes = openBytes(path);
  if (!bytes) return passOn(bytes);
  Input input{path, std::move(*bytes)};
  return read(input, names, job);
}

Result<std::vector<Recording>> readRecordingFrom(std::string content, Names& names, Job job) {
  auto bytes = bytesOf(std::move(content), "input");
  if (!bytes) return passOn(bytes);
  Input input{"input", std::move(*bytes)};
  return read(input, names, job);
}

Result<ImportSummary> importInto(profile::Profile& profile, const std::vector<fs::path>& traces, Job job) {
  ImportSummary summary;
  Names names;
  std::vector<std::string> engines;
  std::string model;
  auto writer = RecordingWriter::open(profile);
  if (!writer) return passOn(writer);
  const auto add = [&](Recording& recording) -> Status {
    auto rank = writer->add(recording, static_cast<int64_t>(summary.ranks.size()));
    if (!rank) return passOn(rank);
    summary.ranks.push_back(std::move(*rank));
    collectNotKept(recording, summary.notKept);
    if (!recording.engine.empty()) engines.push_back(recording.engine);
    if (!recording.model.empty()) model = recording.model;
    recording = Recording();  // millions of events; the next may be as large
    return {};
  };
  std::vector<Recording> engineFiles;  // of TensorRT: several small files make one recording
  for (const auto& trace : traces) {
    job.progress.phase(fmt::format("import {}", trace.filename().string()));
    auto recordings = readRecording(trace, names, job);
    if (!recordings) return passOn(recordings);
    for (auto& recording : *recordings) {
      if (recording.format == "tensorrt") {
        engineFiles.push_back(std::move(recording));
      } else if (auto s = add(recording); !s) {
        return passOn(s);
      }
    }
  }
  joinTensorRt(engineFiles);
  for (auto& recording : engineFiles) {
    if (auto s = add(recording); !s) return passOn(s);
  }
  if (auto s = writer->finish(names); !s) return passOn(s);
  summary.notes = writer->notes();
  if (auto s = describe(profile, summary, engines, model); !s) return passOn(s);
  return summary;
}

namespace {

Status prepareTimeline(profile::Profile& profile, const ImportSummary& summary, int64_t above, Job job) {
  int64_t slices = 0;
  for (const auto& rank : summary.ranks) slices += rank.slices;
  if (slices <= above) return {};
  job.progress.phase("prepare the timeline");
  return profile::levels::make(profile, profile, job);
}

}  // namespace

Result<ImportSummary> importTraces(const ImportRequest& request, Job job) {
  if (request.traces.empty()) return fail(ErrorCode::Usage, "no recording was named");
  for (const auto& trace : request.traces) {
    std::error_code ec;
    if (fs::equivalent(trace, request.output, ec)) {
      return fail(ErrorCode::Usage, fmt::format("{} is both read and written", trace.string()), "choose another -o");
    }
  }
  auto profile = profile::Profile::create(request.output);
  if (!profile) return passOn(profile);
  auto summary = importInto(*profile, request.traces, job);
  if (!summary) return summary;
  if (auto s = prepareTimeline(*profile, *summary, request.levelsAbove, job); !s) return passOn(s);
  const auto command = profile::commandForProfile(request.command);
  if (auto s = profile->setMeta(profile::meta::command, command); !s) return passOn(s);
  if (auto s = profile->finish(); !s) return passOn(s);
  return summary;
}

std::vector<std::pair<std::string, std::string>> importFormats() {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& format : allFormats()) out.emplace_back(format.name, format.summary);
  return out;
}

}  // namespace ridgeline::collector::import
