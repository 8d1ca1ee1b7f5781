using System.Runtime.CompilerServices;
using System.Text;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Everybody, by ascending id; no field is unique. Thread-safe: callers hold <see cref="Gate"/> for what belongs together.</summary>
internal sealed class MarketoLeads(TimeProvider time)
{
    private readonly Dictionary<ushort, LeadIndex> _indexes = [];
    private byte[]?[] _leads = new byte[]?[1024];
    private uint[] _created = new uint[1024];
    private uint[] _updated = new uint[1024];

    public Lock Gate { get; } = new();

    /// <summary>Told every change: the lead, its fields before (none for a new one) and after.</summary>
    public Action<int, byte[], byte[]>? Changed { get; set; }

    /// <summary>The highest id given so far.</summary>
    public int LastId { get; private set; }

    public bool Exists(long id) => id is > 0 && id <= LastId && _leads[id] is not null;

    public byte[] Fields(int id) => _leads[id]!;

    public DateTimeOffset CreatedAt(int id) => DateTimeOffset.FromUnixTimeSeconds(_created[id]);

    public DateTimeOffset UpdatedAt(int id) => DateTimeOffset.FromUnixTimeSeconds(_updated[id]);

    public int Create(ReadOnlySpan<FieldChange> changes)
    {
        var id = ++LastId;
        if (id == _leads.Length)
        {
            Array.Resize(ref _leads, id * 2);
            Array.Resize(ref _created, id * 2);
            Array.Resize(ref _updated, id * 2);
        }

        _leads[id] = PackedFields.Apply([], changes);
        _created[id] = _updated[id] = Now();
        foreach (var index in _indexes.Values)
        {
            if (HashOf(id, index.Field) is { } hash)
            {
                index.Add(id, hash);
            }
        }

        Changed?.Invoke(id, [], _leads[id]!);
        return id;
    }

    public void Update(int id, ReadOnlySpan<FieldChange> changes)
    {
        var before = _leads[id]!;
        var after = PackedFields.Apply(before, changes);
        if (ReferenceEquals(before, after))
        {
            return;
        }

        foreach (var index in _indexes.Values)
        {
            PackedFields.TryGet(before, index.Field, out var former);
            PackedFields.TryGet(after, index.Field, out var present);
            if (!former.SequenceEqual(present))
            {
                Unlink(index, id);
                _leads[id] = after;
                Link(index, id);
                _leads[id] = before;
            }
        }

        _leads[id] = after;
        _updated[id] = Now();
        Changed?.Invoke(id, before, after);
    }

    public bool Delete(long id)
    {
        if (!Exists(id))
        {
            return false;
        }

        foreach (var index in _indexes.Values)
        {
            Unlink(index, (int)id);
        }

        _leads[id] = null;
        return true;
    }

    /// <summary>People whose field has the value, in no order. The index of a field is made on its first use.</summary>
    /// <param name="field">The field.</param>
    /// <param name="key">Stored form without quotes; letters match in both cases.</param>
    /// <param name="found">Filled with ids, up to its length.</param>
    /// <returns>How many there are.</returns>
    public int Find(MarketoField field, ReadOnlySpan<byte> key, Span<int> found)
    {
        if (!_indexes.TryGetValue(field.Number, out var index))
        {
            index = Index(field.Number);
        }

        var count = 0;
        for (var id = index.First(Hash(key)); id != 0; id = index.Next(id))
        {
            if (PackedFields.TryGet(_leads[id]!, field.Number, out var json) && IsSame(Unquoted(json), key))
            {
                if (count < found.Length)
                {
                    found[count] = id;
                }

                count++;
            }
        }

        return count;
    }

    /// <summary>People beyond the first of each identity, which is the first of the fields that a person has.</summary>
    public long Duplicates(params MarketoField[] identity)
    {
        long duplicates = 0;
        lock (Gate)
        {
            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            for (var id = 1; id <= LastId; id++)
            {
                duplicates += _leads[id] is { } lead && Identity(lead, identity) is { } own && !seen.Add(own) ? 1 : 0;
            }
        }

        return duplicates;
    }

    public void Clear()
    {
        lock (Gate)
        {
            _indexes.Clear();
            Array.Clear(_leads);
            LastId = 0;
        }
    }

    private static string? Identity(byte[] lead, MarketoField[] identity)
    {
        foreach (var field in identity)
        {
            if (PackedFields.TryGet(lead, field.Number, out var json))
            {
                return $"{field.Name}={Encoding.UTF8.GetString(json)}";
            }
        }

        return null;
    }

    private uint Now() => (uint)time.GetUtcNow().ToUnixTimeSeconds();

    private LeadIndex Index(ushort field)
    {
        var index = new LeadIndex(field, HashOf);
        for (var id = 1; id <= LastId; id++)
        {
            if (HashOf(id, field) is { } hash)
            {
                index.Add(id, hash);
            }
        }

        return _indexes[field] = index;
    }

    private void Link(LeadIndex index, int id)
    {
        if (HashOf(id, index.Field) is { } hash)
        {
            index.Add(id, hash);
        }
    }

    private void Unlink(LeadIndex index, int id)
    {
        if (HashOf(id, index.Field) is { } hash)
        {
            index.Remove(id, hash);
        }
    }

    private uint? HashOf(int id, ushort field) =>
        _leads[id] is { } lead && PackedFields.TryGet(lead, field, out var json) ? Hash(Unquoted(json)) : null;

    private static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> json) => json[0] == (byte)'"' ? json[1..^1] : json;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        var hash = 2166136261u;
        foreach (var b in key)
        {
            hash = (hash ^ Lower(b)) * 16777619u;
        }

        return hash ^ (hash >> 15);
    }

    private static bool IsSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }

        for (var i = 0; i < one.Length; i++)
        {
            if (Lower(one[i]) != Lower(other[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static byte Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
}
