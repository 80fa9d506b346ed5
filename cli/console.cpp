#include "cli/console.h"

#include "base/files.h"
#include "cli/progress_display.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ridgeline::cli {

Console::Console(const StopFlag& stop) : m_stop(stop), m_progress(std::make_unique<Progress>()) {
  const char* noColour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  m_colours = isatty(STDOUT_FILENO) && !(noColour && *noColour) && !(term && std::strcmp(term, "dumb") == 0);
}

Console::~Console() { endProgress(); }

void Console::setProgress(ProgressStyle style) {
  if (style == ProgressStyle::Auto) style = isatty(STDERR_FILENO) ? ProgressStyle::Bar : ProgressStyle::None;
  endProgress();
  m_progress = makeProgressDisplay(style);
}

Job Console::job() { return {*m_progress, m_stop}; }

void Console::endProgress() { m_progress = std::make_unique<Progress>(); }

Status Console::print(const std::string& text, const std::filesystem::path& path) {
  endProgress();
  if (!path.empty() && path != "-") return writeFileAtomically(path, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    // A reader that has seen enough (head, less) is no failure.
    if (errno == EPIPE) return {};
    return unavailable(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
  }
  return {};
}

void Console::note(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

int exitStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::Negative:
      return 1;
    case ErrorCode::Usage:
      return 2;
    case ErrorCode::BadInput:
      return 3;
    case ErrorCode::Unavailable:
      return 4;
    case ErrorCode::Interrupted:
      return 130;
    case ErrorCode::Internal:
      return 70;
  }
  return 70;
}

}  // namespace ridgeline::cli
