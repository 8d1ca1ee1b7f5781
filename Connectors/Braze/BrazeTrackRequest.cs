using System.Buffers;
using System.Text;

namespace IntegrationHub.Connectors.Braze;

/// <summary>A body for <c>/users/track</c>, and the batch items in the order of its arrays.</summary>
internal readonly record struct TrackRequest(byte[] Body, IReadOnlyList<(string Array, IReadOnlyList<int> Items)> Arrays)
{
    public IReadOnlyList<int> Items => [.. Arrays.SelectMany(array => array.Items)];

    /// <summary>The item that an error names, or null when it names none. The array may be left out where there is but one.</summary>
    public int? ItemOf(string? inputArray, int? index)
    {
        var named = inputArray is null ? Arrays : [.. Arrays.Where(array => array.Array == inputArray)];
        return named is [var (_, items)] && index is { } at && at >= 0 && at < items.Count ? items[at] : null;
    }
}

/// <summary>Collects objects for <c>/users/track</c> up to the limits of a request.</summary>
internal sealed class TrackRequestBuilder(int maxBytes)
{
    public const string Attributes = "attributes";
    public const string Events = "events";
    public const string Purchases = "purchases";

    private readonly List<Part> _parts = [];

    public int Count => _parts.Sum(part => part.Items.Count);

    /// <summary>Adds an object, unless the request would exceed its limits.</summary>
    public bool TryAdd(string array, ReadOnlySpan<byte> json, int item)
    {
        var part = _parts.Find(part => part.Array == array);
        var more = part is null ? (_parts.Count == 0 ? 0 : 1) + array.Length + "\"\":[]".Length : 1;
        if (Count == BrazeDescriptor.MaxObjects || Size + more + json.Length > maxBytes)
        {
            return false;
        }

        if (part is null)
        {
            _parts.Add(part = new Part(array));
        }
        else
        {
            part.Json.Write(","u8);
        }

        part.Json.Write(json);
        part.Items.Add(item);
        return true;
    }

    /// <summary>Gives the request and starts the next one.</summary>
    public TrackRequest Close()
    {
        var body = new ArrayBufferWriter<byte>(Size);
        foreach (var part in _parts)
        {
            body.Write(body.WrittenCount == 0 ? "{"u8 : ","u8);
            Encoding.UTF8.GetBytes($"\"{part.Array}\":[", body);
            body.Write(part.Json.WrittenSpan);
            body.Write("]"u8);
        }

        body.Write("}"u8);
        var request = new TrackRequest(body.WrittenSpan.ToArray(), [.. _parts.Select(part => (part.Array, (IReadOnlyList<int>)part.Items))]);
        _parts.Clear();
        return request;
    }

    private int Size => "{}".Length + Math.Max(0, _parts.Count - 1) + _parts.Sum(part => part.Array.Length + "\"\":[]".Length + part.Json.WrittenCount);

    private sealed class Part(string array)
    {
        public string Array { get; } = array;

        public ArrayBufferWriter<byte> Json { get; } = new(4096);

        public List<int> Items { get; } = [];
    }
}
