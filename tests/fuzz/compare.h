// The groups at rest between two operations, as the library tells of them and as the reference does.
#pragma once

#include "tests/fuzz/board.h"
#include "tests/fuzz/stage.h"

#include <array>
#include <cstdint>
#include <string>

namespace tg_fuzz {

class comparison {
 public:
  comparison(board& with, const stage& real) : board_(with), real_(real) {}

  // Figures follow the last end of a task by a moment: waits for them.
  void expect_same();

 private:
  std::string difference(const reference& model) const;
  bool has_begun_to_end(int number) const;
  std::string difference(int number, const group_model& model) const;
  std::string difference_of_others(const reference& model) const;
  std::string difference_of_epochs(const reference& model);

  struct epoch_seen {
    std::uint64_t epoch = 0;
    int rearmed = 0, reset_tries = 0;
    bool is_known = false;
  };

  board& board_;
  const stage& real_;
  std::array<epoch_seen, max_groups> epochs_{};
};

}  // namespace tg_fuzz
