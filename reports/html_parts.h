#pragma once
// What the sections of the page are made of.

#include <cstdint>
#include <string>
#include <vector>

#include "core/verdict.h"
#include "reports/html_text.h"

namespace npyrace {

/// With its title; empty when `content` is. `id` and `title` are ours.
std::string html_section(const char* id, const char* title, const std::string& content);

/// Where a script draws; it stays empty, and unseen, without one.
std::string html_figure(const char* id, const std::string& caption);

/// Empty where there are no items.
std::string html_list(const std::string& title, const std::vector<std::string>& items);

HtmlField verdict_field(Verdict verdict);
HtmlField count_field(std::uint64_t value);

}  // namespace npyrace
