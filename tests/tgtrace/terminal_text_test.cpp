// What a terminal gets to see of names that a program, or a file from anywhere, has made up.
#include "tools/tgtrace/terminal_text.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using tgtrace::printable;
using tgtrace::terminal_text;

TEST(TerminalText, LeavesWhatIsPrintableAsItIs) {
  EXPECT_EQ(printable("shard 7/\\\"x\"~"), "shard 7/\\\"x\"~");
  EXPECT_EQ(printable("\xc3\xa9\xc2\xa0\xe2\x82\xac"), "\xc3\xa9\xc2\xa0\xe2\x82\xac");
  EXPECT_EQ(printable(""), "");
}

TEST(TerminalText, ShowsControlCharactersAsNumbers) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("\n\r\t\x7f"), "\\x0a\\x0d\\x09\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(TerminalText, ShowsThoseOfTheSecondPageToo) {
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\x9b2J");
  EXPECT_EQ(printable("\xe2\x80\x9b"), "\xe2\x80\x9b") << "a quotation mark, no control character";
}

TEST(TerminalText, MakesArgumentsPrintableAndNotTheFormat) {
  terminal_text out;
  const std::string name = "two\nlines";
  out.line("\n{} {:>4} '{}' {:<5}|", 7, 8.5, name, "ab");
  EXPECT_EQ(out.take(), "\n7  8.5 'two\\x0alines' ab   |\n");
}

}  // namespace
