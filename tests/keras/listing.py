"""Listing the public names of a module."""


def public(module, kind):
    """Names in the order of the alphabet; of several names of one thing the one that it has itself is first."""
    names = {}
    for name in sorted(n for n in dir(module) if not n.startswith("_")):
        thing = getattr(module, name)
        if kind(thing):
            names.setdefault(id(thing), (thing, []))[1].append(name)
    found = {}
    for thing, known in names.values():
        own = thing.__name__ if thing.__name__ in known else known[0]
        found[own] = {"also": [name for name in known if name != own]}
    return dict(sorted(found.items()))
