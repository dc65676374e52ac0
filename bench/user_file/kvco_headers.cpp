// Nothing but reading kvco's headers.
#include <kvco/kvco.hpp>

int main() {}
