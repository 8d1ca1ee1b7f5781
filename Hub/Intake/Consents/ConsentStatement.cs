using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>What a row of a list says of somebody's consent. Holds personal data.</summary>
/// <param name="Line">Line of the row, from 1.</param>
/// <param name="ExternalId">The company's id of the person, or null; then the address or the number is there.</param>
/// <param name="Email">The address, or null.</param>
/// <param name="Purpose">What the consent is for.</param>
/// <param name="Status"><see cref="ConsentWord.Granted"/> or <see cref="ConsentWord.Denied"/>.</param>
/// <param name="Source">Where it was taken: evidence.</param>
/// <param name="DecidedAt">When.</param>
internal readonly record struct ConsentStatement(long Line, string? ExternalId, string? Email, string Purpose, string Status, string Source, DateTimeOffset DecidedAt)
{
    private static readonly JsonSerializerOptions _withoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The phone number in E.164, or null.</summary>
    public string? Phone { get; init; }

    /// <summary>When a grant ends by itself, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Ground of the decision, or null.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>What shows the decision, or null.</summary>
    public ConsentEvidence? Evidence { get; init; }

    /// <summary>The statement as a canonical fact. The same statement always has the same event id, so that a repeated list changes nothing.</summary>
    /// <param name="producer">Who brings it.</param>
    public byte[] ToFact(string producer)
    {
        var buffer = new ArrayBufferWriter<byte>(384);
        using var writer = new Utf8JsonWriter(buffer, _relaxed);
        writer.WriteStartObject();
        writer.WriteString("event_id", EventId(producer));
        writer.WriteString("event_type", ConsentUpdated.Type);
        writer.WriteString("occurred_at", DecidedAt);
        writer.WriteString("producer", producer);
        writer.WriteStartObject("subject");
        WriteText(writer, "external_id", ExternalId);
        WriteText(writer, "email", Email);
        WriteText(writer, "phone", Phone);
        writer.WriteEndObject();
        writer.WriteStartObject("payload");
        writer.WriteString("purpose", Purpose);
        writer.WriteString("status", Status);
        writer.WriteString("source", Source);
        WriteText(writer, "legal_basis", LegalBasis);
        if (ExpiresAt is { } end)
        {
            writer.WriteString("expires_at", end);
        }

        if (Evidence is not null)
        {
            writer.WritePropertyName("evidence");
            JsonSerializer.Serialize(writer, Evidence, _withoutNulls);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Of what the statement says: what shows a decision that was stated without it before is another statement.</summary>
    private Guid EventId(string producer)
    {
        var said = string.Join('\n', producer, ExternalId, Phone is null ? Email : $"{Email}\n{Phone}", Purpose, Status, Source, Milliseconds(DecidedAt));
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(
            (LegalBasis, ExpiresAt, Evidence) is (null, null, null)
                ? said
                : string.Join('\n', said, LegalBasis, ExpiresAt is { } end ? Milliseconds(end) : null, Evidence is null ? null : JsonSerializer.Serialize(Evidence, _withoutNulls)))).AsSpan(0, 16));
    }

    private static string Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
