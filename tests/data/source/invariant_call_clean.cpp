// RUN: checks=cpu-invariant-call

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

static void upper(char* text) {
  // The text changes: it could become shorter.
  for (std::size_t i = 0; i < std::strlen(text); ++i) text[i] = text[i] == 'a' ? 'A' : text[i];
}

int main() {
  std::vector<double> values(100, 1.0);
  double temperature = 3.0;
  const double factor = std::exp(-1.0 / temperature);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] *= factor * std::sqrt(static_cast<double>(i)) * std::sqrt(2.0);
    temperature *= 1.5;
    values[i] += std::log(temperature);
  }
  char text[] = "banana";
  upper(text);
  std::printf("%s %f\n", text, values[4]);
  return 0;
}
