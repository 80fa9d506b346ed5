// How the source advisor's findings and proofs are told.
#pragma once

#include "advisor/source/source.h"

#include <string>

namespace ridgeline::cli {

// What one run of `ridgeline source` found and did.
struct SourceOutcome {
  source::Report report;
  std::vector<source::FixedFile> fixed;  // with --fix, --patch or --prove
  std::optional<source::Proof> proof;
  bool written = false;  // the files were changed
};

std::string sourceText(const SourceOutcome& outcome, int top, bool colours);
std::string sourceMarkdown(const SourceOutcome& outcome, int top);
std::string sourceJson(const SourceOutcome& outcome);
// SARIF 2.1.0, as code scanning reads it.
std::string sourceSarif(const SourceOutcome& outcome, const std::vector<source::CheckInfo>& checks,
                        const std::string& toolVersion);
std::string sourceChecksText(const std::vector<source::CheckInfo>& checks);

}  // namespace ridgeline::cli
