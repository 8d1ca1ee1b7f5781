namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>
/// Contacts by the value of one unique property. Holds numbers of contacts only and reads the values where the contacts keep them, so
/// that a million contacts cost a few bytes each. Open addressing; not thread-safe.
/// </summary>
internal sealed class HubSpotUniqueIndex(ushort property, Func<int, byte[]> fieldsOf)
{
    private int[] _slots = new int[64];

    public int Count { get; private set; }

    /// <summary>Number of the contact with the value, or -1.</summary>
    public int Find(ReadOnlySpan<byte> json)
    {
        for (var slot = Start(json); ; slot = Next(slot))
        {
            var contact = _slots[slot] - 1;
            if (contact < 0 || ValueOf(contact).SequenceEqual(json))
            {
                return contact;
            }
        }
    }

    /// <summary>Adds a contact by the value it has now.</summary>
    public void Add(int contact)
    {
        if (Count * 3 >= _slots.Length * 2)
        {
            var former = _slots;
            _slots = new int[former.Length * 2];
            foreach (var other in former.Where(static entry => entry != 0))
            {
                Place(other - 1);
            }
        }

        Place(contact);
        Count++;
    }

    /// <summary>Removes a contact by the value it has still.</summary>
    public void Remove(int contact)
    {
        var slot = Start(ValueOf(contact));
        while (_slots[slot] != contact + 1)
        {
            slot = Next(slot);
        }

        _slots[slot] = 0;
        Count--;

        // Whoever stood behind the gap may have been pushed there by the one who left.
        for (slot = Next(slot); _slots[slot] != 0; slot = Next(slot))
        {
            var moved = _slots[slot] - 1;
            _slots[slot] = 0;
            Place(moved);
        }
    }

    private void Place(int contact)
    {
        var slot = Start(ValueOf(contact));
        while (_slots[slot] != 0)
        {
            slot = Next(slot);
        }

        _slots[slot] = contact + 1;
    }

    private ReadOnlySpan<byte> ValueOf(int contact) => PackedFields.TryGet(fieldsOf(contact), property, out var json) ? json : [];

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);

    private int Start(ReadOnlySpan<byte> json)
    {
        var hash = 14695981039346656037ul;
        foreach (var b in json)
        {
            hash = (hash ^ b) * 1099511628211ul;
        }

        return (int)((hash ^ (hash >> 32)) & (uint)(_slots.Length - 1));
    }
}
