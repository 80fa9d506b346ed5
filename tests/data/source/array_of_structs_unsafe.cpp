// RUN: checks=array-of-structs

#include <cstdio>
#include <cstring>
#include <vector>

struct Record {
  double key;
  double payload[3];
  double more;
};

struct Entry {
  double key, a, b, c;
};

static void save(const Entry* entries) { std::printf("%f\n", entries->a); }

int main() {
  std::vector<Record> records(10);
  std::vector<Entry> entries(10);
  double sum = 0;
  for (int i = 0; i < 10; ++i) sum += records[i].key;
  // CHECK-MESSAGES: the loop uses 8 of the 40 bytes of each element of 'records'
  // CHECK-NOFIX: 'Record::payload' is not a plain number
  for (int i = 0; i < 10; ++i) sum += entries[i].key;
  // CHECK-MESSAGES: the loop uses 8 of the 32 bytes of each element of 'entries'
  // CHECK-NOFIX: the array is reached both as a std::vector and through pointers
  save(entries.data());
  std::printf("%f\n", sum);
  return 0;
}
