namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>People by the hash of one field's value: a chained hash table of lead ids, about ten bytes a person. Guarded by its owner.</summary>
internal sealed class LeadIndex(ushort number, Func<int, ushort, uint?> hashOf)
{
    private int[] _heads = new int[1024];
    private int[] _next = new int[1024];
    private int _count;

    /// <summary>Number of the field.</summary>
    public ushort Field => number;

    public int First(uint hash) => _heads[hash & (_heads.Length - 1)];

    public int Next(int lead) => _next[lead];

    public void Add(int lead, uint hash)
    {
        if (lead >= _next.Length)
        {
            Array.Resize(ref _next, Math.Max(lead + 1, _next.Length * 2));
        }

        if (++_count > _heads.Length)
        {
            Grow();
        }

        Link(lead, hash);
    }

    public void Remove(int lead, uint hash)
    {
        ref var at = ref _heads[hash & (_heads.Length - 1)];
        while (at != lead)
        {
            at = ref _next[at];
        }

        at = _next[lead];
        _count--;
    }

    private void Link(int lead, uint hash)
    {
        ref var head = ref _heads[hash & (_heads.Length - 1)];
        _next[lead] = head;
        head = lead;
    }

    private void Grow()
    {
        var chains = _heads;
        _heads = new int[chains.Length * 2];
        foreach (var head in chains)
        {
            for (var lead = head; lead != 0;)
            {
                var following = _next[lead];
                Link(lead, hashOf(lead, number)!.Value);
                lead = following;
            }
        }
    }
}
