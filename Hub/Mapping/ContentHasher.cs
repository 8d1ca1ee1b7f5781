using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Mapping;

/// <summary>
/// Hashes a mapped record: SHA-256 over a canonical form, cut to 128 bits. Equal on every machine and in every process; a difference in
/// any field gives another hash. Dispose to give the buffer back.
/// </summary>
internal ref struct ContentHasher(int capacity)
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    /// <summary>Adds the key of the record.</summary>
    public void AddKey(string key) => AddText(key);

    /// <summary>Adds a field.</summary>
    /// <param name="name">The vendor's field name as <see cref="NameOf"/> gives it.</param>
    /// <param name="value">The value.</param>
    public void AddField(ReadOnlySpan<byte> name, in FieldValue value)
    {
        Reserve(name.Length + 1);
        name.CopyTo(_buffer.AsSpan(_length));
        _length += name.Length;
        _buffer[_length++] = (byte)value.Kind;
        switch (value.Kind)
        {
            case FieldKind.Null:
                break;
            case FieldKind.Text:
                AddText(value.Text);
                break;
            case FieldKind.Boolean:
                Reserve(1);
                _buffer[_length++] = value.Boolean ? (byte)1 : (byte)0;
                break;
            case FieldKind.Date:
                Reserve(sizeof(int));
                BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length), value.Date.DayNumber);
                _length += sizeof(int);
                break;
            case FieldKind.Instant:
                Reserve(sizeof(long));
                BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_length), value.Instant.UtcTicks);
                _length += sizeof(long);
                break;
            default:
                AddNumber(value.Number);
                break;
        }
    }

    /// <summary>The hash of everything that was added.</summary>
    public readonly Guid Finish()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, _length), hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>A field name with its length before it, so that two names never run into each other.</summary>
    public static byte[] NameOf(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var prefixed = new byte[sizeof(int) + text.Length];
        BinaryPrimitives.WriteInt32LittleEndian(prefixed, text.Length);
        text.CopyTo(prefixed, sizeof(int));
        return prefixed;
    }

    private void AddText(string text)
    {
        Reserve(sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));
        var written = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length + sizeof(int)));
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length), written);
        _length += sizeof(int) + written;
    }

    private void AddNumber(decimal number)
    {
        // Dividing by a one of full scale removes trailing zeros: 1.0 and 1 are the same number.
        var normal = number.Scale == 0 ? number : number / 1.0000000000000000000000000000m;
        Reserve(4 * sizeof(int));
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(normal, bits);
        foreach (var part in bits)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length), part);
            _length += sizeof(int);
        }
    }

    private void Reserve(int count)
    {
        if (_length + count <= _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
