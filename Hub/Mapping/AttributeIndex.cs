using System.Text;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Finds what to do with a JSON property by the bytes of its name, without making a string of it.</summary>
internal sealed class AttributeIndex
{
    private readonly Entry?[] _table;

    public AttributeIndex(IReadOnlyDictionary<string, int[]> slotsByAttribute)
    {
        var size = 16;
        while (size < slotsByAttribute.Count * 4)
        {
            size *= 2;
        }

        _table = new Entry?[size];
        foreach (var (attribute, slots) in slotsByAttribute)
        {
            var name = Encoding.UTF8.GetBytes(attribute);
            var at = Hash(name) & (size - 1);
            while (_table[at] is not null)
            {
                at = (at + 1) & (size - 1);
            }

            _table[at] = new Entry(name, slots);
        }
    }

    /// <summary>The slots that an attribute fills; empty when the mapping does not read it.</summary>
    public ReadOnlySpan<int> Find(ReadOnlySpan<byte> name)
    {
        for (var at = Hash(name) & (_table.Length - 1); _table[at] is { } entry; at = (at + 1) & (_table.Length - 1))
        {
            if (name.SequenceEqual(entry.Name))
            {
                return entry.Slots;
            }
        }

        return [];
    }

    private static int Hash(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : (name.Length * 31) + (name[0] * 7) + (name[^1] * 131) + (name[name.Length / 2] * 17);

    private sealed record Entry(byte[] Name, int[] Slots);
}
