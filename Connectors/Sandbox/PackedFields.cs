using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>Small numbers for field names, so that a person does not hold the names. Thread-safe.</summary>
public sealed class FieldNames
{
    private readonly ConcurrentDictionary<string, ushort> _ids = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private string[] _names = [];

    /// <summary>The number of a name, given on first use; at most 65,535 names.</summary>
    public ushort Id(string name)
    {
        if (_ids.TryGetValue(name, out var id))
        {
            return id;
        }

        lock (_gate)
        {
            if (_ids.TryGetValue(name, out id))
            {
                return id;
            }

            id = checked((ushort)_names.Length);
            _names = [.. _names, name];
            _ids[name] = id;
            return id;
        }
    }

    /// <summary>The name of a number.</summary>
    public string Name(ushort id) => Volatile.Read(ref _names)[id];
}

/// <summary>A field to set, or with an empty value to remove.</summary>
/// <param name="Name">Number of the name.</param>
/// <param name="Json">The value as JSON, UTF-8.</param>
public readonly record struct FieldChange(ushort Name, ReadOnlyMemory<byte> Json);

/// <summary>A person's fields in one array: name number, length, JSON value, again and again. A million people fit in little memory.</summary>
public static class PackedFields
{
    private const int Head = sizeof(ushort) + sizeof(int);

    /// <summary>Finds a value. The span lives as long as the array.</summary>
    public static bool TryGet(byte[] fields, ushort name, out ReadOnlySpan<byte> json)
    {
        for (var at = 0; at < fields.Length;)
        {
            var length = BitConverter.ToInt32(fields, at + sizeof(ushort));
            if (BitConverter.ToUInt16(fields, at) == name)
            {
                json = fields.AsSpan(at + Head, length);
                return true;
            }

            at += Head + length;
        }

        json = default;
        return false;
    }

    /// <summary>Applies changes in order, the last one of a name wins. Returns the same array when nothing changes.</summary>
    public static byte[] Apply(byte[] fields, ReadOnlySpan<FieldChange> changes)
    {
        if (ChangesNothing(fields, changes))
        {
            return fields;
        }

        var size = fields.Length;
        foreach (var change in changes)
        {
            size += Head + change.Json.Length;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var written = 0;
            for (var at = 0; at < fields.Length;)
            {
                var length = Head + BitConverter.ToInt32(fields, at + sizeof(ushort));
                if (IndexOf(changes, BitConverter.ToUInt16(fields, at), 0) < 0)
                {
                    fields.AsSpan(at, length).CopyTo(buffer.AsSpan(written));
                    written += length;
                }

                at += length;
            }

            for (var i = 0; i < changes.Length; i++)
            {
                if (!changes[i].Json.IsEmpty && IndexOf(changes, changes[i].Name, i + 1) < 0)
                {
                    BitConverter.TryWriteBytes(buffer.AsSpan(written), changes[i].Name);
                    BitConverter.TryWriteBytes(buffer.AsSpan(written + sizeof(ushort)), changes[i].Json.Length);
                    changes[i].Json.Span.CopyTo(buffer.AsSpan(written + Head));
                    written += Head + changes[i].Json.Length;
                }
            }

            return buffer.AsSpan(0, written).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>All fields with their values as JSON text.</summary>
    public static IEnumerable<KeyValuePair<string, string>> All(byte[] fields, FieldNames names)
    {
        for (var at = 0; at < fields.Length;)
        {
            var length = BitConverter.ToInt32(fields, at + sizeof(ushort));
            yield return new(names.Name(BitConverter.ToUInt16(fields, at)), Encoding.UTF8.GetString(fields, at + Head, length));
            at += Head + length;
        }
    }

    private static bool ChangesNothing(byte[] fields, ReadOnlySpan<FieldChange> changes)
    {
        foreach (var change in changes)
        {
            var found = TryGet(fields, change.Name, out var json);
            if (found ? !json.SequenceEqual(change.Json.Span) : !change.Json.IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    private static int IndexOf(ReadOnlySpan<FieldChange> changes, ushort name, int from)
    {
        for (var i = from; i < changes.Length; i++)
        {
            if (changes[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
