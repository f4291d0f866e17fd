#pragma once

namespace npyrace {

/// From now on the kernel kills this process when its parent, whose id was `parent`, ends; at once
/// if it has ended already.
void die_with_parent(int parent);

}  // namespace npyrace
