// A profile as the window holds it: the report that the command line prints, and the rows that only the window shows.
// Read once, in the background, and never changed afterwards, so that any thread may read it.
#pragma once

#include "analyzers/report_model.h"
#include "base/progress.h"
#include "base/result.h"
#include "gui/models/selection.h"
#include "profile/vocabulary.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ridgeline::gui {

struct Document {
  std::filesystem::path path;
  analyzers::Report report;
  std::vector<profile::Model> models;
  std::vector<profile::Node> nodes;
  std::vector<std::pair<profile::NodeId, profile::NodeId>> edges;  // who makes what another reads
  std::vector<profile::OperatorNode> operatorNodes;
  std::vector<profile::Trial> trials;  // as they were made
  std::vector<profile::NearMiss> nearMisses;
  std::optional<profile::Proof> proof;  // the last one
  int64_t slices = 0, tracks = 0;       // slices: the largest id

  const analyzers::ReportOperator* find(profile::OperatorId id) const;
  // Kernels are numbered from 1, as the report has them.
  const analyzers::ReportKernel* findKernel(int64_t number) const;
  const std::vector<analyzers::ReportKernel>& kernels() const { return report.recorded.kernels; }
  const analyzers::ReportOperator* findByName(std::string_view name) const;
  // What the report's share of time calls 100 %: operators, or kernels where there are no operators.
  double totalMs() const;
  // What other tools recorded, or a command: there is no model to rewrite, and advice is about the program.
  bool isRecording() const { return models.empty() && report.recorded.isRecording(); }
  bool isEmpty() const { return report.operators.empty() && kernels().empty() && slices == 0; }

  std::unordered_map<profile::OperatorId, size_t> operatorIndex;  // into report.operators
};

using DocumentPtr = std::shared_ptr<const Document>;

// Analyzes the profile first where that was not done. A damaged or foreign file is BadInput.
Result<DocumentPtr> loadDocument(const std::filesystem::path& path);

}  // namespace ridgeline::gui
