// Counts the rows of a CSV file that may be larger than memory.
#include <polarway/polarway.h>

#include <cstdint>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer FILE.csv\n";
    return 2;
  }
  polarway::SourceRegistry registry;
  auto source = registry.create("csv", polarway::SourceConfig(argv[1]));
  if (!source) {
    std::cerr << source.error().to_string() << '\n';
    return 1;
  }

  std::int64_t rows = 0;
  while (true) {
    auto next = source->read_chunk();
    if (!next) {
      std::cerr << next.error().to_string() << '\n';
      return 1;
    }
    if (!*next) break;  // the end
    rows += (*next)->height();
  }
  std::cout << rows << " rows\n";
}
