// Putting text together from pieces of the file's.
#pragma once

#include "advisor/source/model/source_text.h"

#include <vector>

namespace ridgeline::source {

// The text of a span with the edits that lie within it made. Overlapping edits: the first one wins.
std::string rewritten(const SourceText& text, const Span& span, std::vector<Edit> edits);

// The edits made to a whole text; nullopt when two of them overlap.
std::optional<std::string> withEdits(const std::string& text, std::vector<Edit> edits);

inline Edit replace(const Span& span, std::string by) { return {span.begin, span.end - span.begin, std::move(by)}; }
inline Edit insertAt(size_t offset, std::string what) { return {offset, 0, std::move(what)}; }

}  // namespace ridgeline::source
