namespace IntegrationHub.Identity;

/// <summary>Keys that belong together, by pairs that do. The order of the pairs does not matter.</summary>
public sealed class DisjointKeys
{
    private readonly Dictionary<PersonKey, PersonKey> _parents = [];

    /// <summary>Says that two keys belong together.</summary>
    public void Join(PersonKey one, PersonKey other)
    {
        var (a, b) = (FirstOf(one), FirstOf(other));
        if (a != b)
        {
            (a, b) = a.CompareTo(b) < 0 ? (a, b) : (b, a);
            _parents[b] = a;
        }
    }

    /// <summary>The smallest of the keys that belong together with this one.</summary>
    public PersonKey FirstOf(PersonKey key)
    {
        while (_parents.TryGetValue(key, out var parent))
        {
            if (_parents.TryGetValue(parent, out var above))
            {
                _parents[key] = above;
            }

            key = parent;
        }

        return key;
    }
}
