using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrationHub.Identity;

/// <summary>What a person decided for a purpose.</summary>
/// <param name="Status">A word of <see cref="ConsentWord"/>.</param>
/// <param name="DecidedAt">When; kept to the millisecond.</param>
/// <param name="Source">Where.</param>
public readonly record struct PurposeConsent(string Status, DateTimeOffset DecidedAt, string Source)
{
    /// <summary>True when the person agreed; every word that is not known here counts as denied.</summary>
    public bool IsGranted => Status == ConsentWord.Granted;
}

/// <summary>
/// The one form in which the effective consent of a person is kept, by purpose: <c>{"email_marketing":{"s":"granted","t":1700000000000,"src":"x"}}</c>. Nobody else
/// writes it or reads it. Of a purpose that is not named nothing is known. Pure.
/// </summary>
public static class StoredConsent
{
    /// <summary>Consent of somebody of whom nothing is known.</summary>
    public const string Nothing = "{}";

    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes states down.</summary>
    /// <param name="states">One per purpose. In the same order they are the same text.</param>
    public static string Write(IEnumerable<KeyValuePair<string, PurposeConsent>> states)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer, _relaxed))
        {
            writer.WriteStartObject();
            foreach (var (purpose, state) in states)
            {
                writer.WriteStartObject(purpose);
                writer.WriteString("s"u8, state.Status);
                writer.WriteNumber("t"u8, state.DecidedAt.ToUnixTimeMilliseconds());
                writer.WriteString("src"u8, state.Source);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenCount == 2 ? Nothing : Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads all states.</summary>
    /// <exception cref="JsonException">They are none.</exception>
    public static IReadOnlyDictionary<string, PurposeConsent> Read(string stored)
    {
        var states = new Dictionary<string, PurposeConsent>(StringComparer.Ordinal);
        if (stored == Nothing)
        {
            return states;
        }

        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(stored.Length));
        try
        {
            var reader = Begin(utf8.AsSpan(0, Encoding.UTF8.GetBytes(stored, utf8)));
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var purpose = reader.GetString()!;
                reader.Read();
                states[purpose] = ReadState(ref reader);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }

        return states;
    }

    /// <summary>What was decided for one purpose, without an allocation; null when nothing is known.</summary>
    /// <param name="stored">The states, in UTF-8.</param>
    /// <param name="purpose">The purpose, in UTF-8.</param>
    /// <exception cref="JsonException">They are none.</exception>
    public static bool? IsGranted(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> purpose)
    {
        bool? isGranted = null;
        var reader = Begin(stored);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(purpose);
            reader.Read();
            if (matches)
            {
                isGranted = ReadIsGranted(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return isGranted;
    }

    private static Utf8JsonReader Begin(ReadOnlySpan<byte> stored)
    {
        var reader = new Utf8JsonReader(stored);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? reader : throw new JsonException("Consent states are not an object.");
    }

    private static bool ReadIsGranted(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var isGranted = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStatus = reader.ValueTextEquals("s"u8);
            reader.Read();
            if (isStatus)
            {
                isGranted = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(ConsentWord.Granted);
            }

            reader.Skip();
        }

        return isGranted;
    }

    private static PurposeConsent ReadState(ref Utf8JsonReader reader)
    {
        var state = new PurposeConsent(ConsentWord.Denied, DateTimeOffset.UnixEpoch, "");
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return state;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isStatus, isTime, isSource) = (reader.ValueTextEquals("s"u8), reader.ValueTextEquals("t"u8), reader.ValueTextEquals("src"u8));
            reader.Read();
            state = reader.TokenType switch
            {
                JsonTokenType.String when isStatus => state with { Status = reader.GetString()! },
                JsonTokenType.Number when isTime && reader.TryGetInt64(out var milliseconds) => state with { DecidedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) },
                JsonTokenType.String when isSource => state with { Source = reader.GetString()! },
                _ => state,
            };
            reader.Skip();
        }

        return state;
    }
}
