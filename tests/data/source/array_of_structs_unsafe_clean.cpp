// RUN: checks=array-of-structs

#include <cstdio>
#include <vector>

struct Entry {
  double key, a, b, c;
};

int main() {
  std::vector<Entry> entries(10);
  double sum = 0;
  for (auto& e : entries) sum += e.key + e.a + e.b;
  std::printf("%f\n", sum);
  return 0;
}
