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
    /// <summary>When a grant ends by itself, to the millisecond; null when it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True when something shows the decision.</summary>
    public bool HasEvidence { get; init; }

    /// <summary>True when the person agreed; every word that is not known here counts as denied.</summary>
    public bool IsGranted => Status == ConsentWord.Granted;
}

/// <summary>
/// The one form in which the effective consent of a person is kept, by purpose: <c>{"email_marketing":{"s":"granted","t":1700000000000,"src":"x"}}</c>, with <c>x</c> for
/// the time when a grant ends and <c>e</c> where something shows it. What decides beside it stands first, under the name that no purpose has: <c>{"":{"c":"US","st":"CA"}}</c>.
/// Nobody else writes it or reads it. Of a purpose that is not named nothing is known. Pure.
/// </summary>
public static class StoredConsent
{
    /// <summary>Consent of somebody of whom nothing is known.</summary>
    public const string Nothing = "{}";

    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes states down.</summary>
    /// <param name="states">One per purpose. In the same order they are the same text.</param>
    /// <param name="place">Where the person lives.</param>
    public static string Write(IEnumerable<KeyValuePair<string, PurposeConsent>> states, StoredPlace place = default)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer, _relaxed))
        {
            writer.WriteStartObject();
            if (place != default)
            {
                writer.WriteStartObject(""u8);
                WriteText(writer, "c"u8, place.Country);
                WriteText(writer, "st"u8, place.State);
                writer.WriteEndObject();
            }

            foreach (var (purpose, state) in states)
            {
                writer.WriteStartObject(purpose);
                writer.WriteString("s"u8, state.Status);
                writer.WriteNumber("t"u8, state.DecidedAt.ToUnixTimeMilliseconds());
                writer.WriteString("src"u8, state.Source);
                if (state.ExpiresAt is { } end)
                {
                    writer.WriteNumber("x"u8, end.ToUnixTimeMilliseconds());
                }

                if (state.HasEvidence)
                {
                    writer.WriteBoolean("e"u8, true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The same states, of somebody who lives somewhere else.</summary>
    public static string WithPlace(string stored, StoredPlace place) => PlaceOf(Encoding.UTF8.GetBytes(stored)) == place ? stored : Write(Read(stored), place);

    /// <summary>The same states beside one more.</summary>
    public static string With(string stored, string purpose, PurposeConsent state)
    {
        var states = new SortedDictionary<string, PurposeConsent>(Read(stored).ToDictionary(), StringComparer.Ordinal) { [purpose] = state };
        return Write(states, PlaceOf(Encoding.UTF8.GetBytes(stored)));
    }

    /// <summary>Reads all states.</summary>
    /// <exception cref="JsonException">They are none.</exception>
    public static IReadOnlyDictionary<string, PurposeConsent> Read(string stored)
    {
        var states = new Dictionary<string, PurposeConsent>(StringComparer.Ordinal);
        var reader = Begin(Encoding.UTF8.GetBytes(stored));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var purpose = reader.GetString()!;
            reader.Read();
            if (purpose.Length == 0)
            {
                reader.Skip();
                continue;
            }

            states[purpose] = ReadState(ref reader);
        }

        return states;
    }

    /// <summary>True when the person was erased: nothing about the person leaves, not even the end of a membership.</summary>
    public static bool IsErased(string stored) => stored.Contains("\"suppression:erased\":", StringComparison.Ordinal);

    /// <summary>True when one of the decisions may end by itself. Says yes too often rather than too seldom.</summary>
    public static bool HasEnds(string stored) => stored.Contains("\"x\":", StringComparison.Ordinal);

    /// <summary>What was decided for one purpose, without an allocation; null when nothing is known.</summary>
    /// <param name="stored">The states, in UTF-8.</param>
    /// <param name="purpose">The purpose, in UTF-8.</param>
    /// <exception cref="JsonException">They are none.</exception>
    public static StoredDecision? Find(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> purpose)
    {
        StoredDecision? found = null;
        var reader = Begin(stored);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(purpose);
            reader.Read();
            if (matches)
            {
                found = ReadDecision(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>The reasons to leave the person alone (<see cref="Suppression"/>); of most people none.</summary>
    /// <param name="stored">The states, in UTF-8.</param>
    /// <exception cref="JsonException">They are none.</exception>
    public static IReadOnlyList<string> FindSuppressions(ReadOnlySpan<byte> stored)
    {
        List<string>? reasons = null;
        var reader = Begin(stored);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var reason = reader.ValueSpan.StartsWith("suppression:"u8) ? reader.GetString()![Suppression.Prefix.Length..] : null;
            reader.Read();
            if (reason is null)
            {
                reader.Skip();
            }
            else if (ReadDecision(ref reader).Status == DecidedStatus.Denied)
            {
                (reasons ??= []).Add(reason);
            }
        }

        return reasons ?? [];
    }

    /// <summary>Where the person lives, as far as it is known.</summary>
    /// <param name="stored">The states, in UTF-8.</param>
    /// <exception cref="JsonException">They are none.</exception>
    public static StoredPlace PlaceOf(ReadOnlySpan<byte> stored)
    {
        var place = default(StoredPlace);
        var reader = Begin(stored);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(""u8))
        {
            reader.Read();
            while (reader.TokenType == JsonTokenType.StartObject ? reader.Read() && reader.TokenType == JsonTokenType.PropertyName : reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isCountry, isState) = (reader.ValueTextEquals("c"u8), reader.ValueTextEquals("st"u8));
                reader.Read();
                place = reader.TokenType != JsonTokenType.String ? place : isCountry ? place with { Country = reader.GetString() } : isState ? place with { State = reader.GetString() } : place;
                reader.Skip();
                reader.Read();
            }
        }

        return place;
    }

    private static Utf8JsonReader Begin(ReadOnlySpan<byte> stored)
    {
        var reader = new Utf8JsonReader(stored);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? reader : throw new JsonException("Consent states are not an object.");
    }

    private static StoredDecision ReadDecision(ref Utf8JsonReader reader)
    {
        var decision = new StoredDecision(DecidedStatus.Denied, DateTimeOffset.UnixEpoch, null, false);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return decision;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isStatus, isTime, isEnd, isEvidence) = (reader.ValueTextEquals("s"u8), reader.ValueTextEquals("t"u8), reader.ValueTextEquals("x"u8), reader.ValueTextEquals("e"u8));
            reader.Read();
            if (isStatus)
            {
                decision = decision with { Status = StatusOf(reader) };
            }
            else if ((isTime || isEnd) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var milliseconds))
            {
                var at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
                decision = isTime ? decision with { DecidedAt = at } : decision with { ExpiresAt = at };
            }
            else if (isEvidence)
            {
                decision = decision with { HasEvidence = reader.TokenType == JsonTokenType.True };
            }

            reader.Skip();
        }

        return decision;
    }

    private static DecidedStatus StatusOf(in Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? DecidedStatus.Denied
        : reader.ValueTextEquals(ConsentWord.Granted) ? DecidedStatus.Granted
        : reader.ValueTextEquals(ConsentWord.Expired) ? DecidedStatus.Expired
        : DecidedStatus.Denied;

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
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
            var (isEnd, isEvidence) = (reader.ValueTextEquals("x"u8), reader.ValueTextEquals("e"u8));
            reader.Read();
            state = reader.TokenType switch
            {
                JsonTokenType.String when isStatus => state with { Status = reader.GetString()! },
                JsonTokenType.Number when isTime && reader.TryGetInt64(out var milliseconds) => state with { DecidedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) },
                JsonTokenType.Number when isEnd && reader.TryGetInt64(out var milliseconds) => state with { ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) },
                JsonTokenType.True when isEvidence => state with { HasEvidence = true },
                JsonTokenType.String when isSource => state with { Source = reader.GetString()! },
                _ => state,
            };
            reader.Skip();
        }

        return state;
    }
}
