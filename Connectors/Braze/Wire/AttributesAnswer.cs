using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>A page of <c>/custom_attributes</c>; which page comes next stands in a header.</summary>
/// <param name="Message"><c>success</c>, or why there is none; null when it is missing.</param>
/// <param name="Attributes">The attributes, by the alphabet.</param>
internal sealed record AttributesAnswer(string? Message, IReadOnlyList<CustomAttribute> Attributes) : IBrazeBody
{
    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static AttributesAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var message = TrackAnswer.Text(answer, "message");
        if (!answer.TryGetProperty("attributes"u8, out var attributes) || attributes.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no list.") : new AttributesAnswer(message, []);
        }

        return new AttributesAnswer(message, [.. attributes.EnumerateArray().Select(Read)]);
    }

    private static CustomAttribute Read(JsonElement entry) => new(
        TrackAnswer.Text(entry, "name") ?? throw new JsonException("An attribute has no name."), TrackAnswer.Text(entry, "data_type"), TrackAnswer.Text(entry, "status"));
}

/// <summary>A custom attribute of the workspace.</summary>
/// <param name="Name">Its name; upper and lower case count.</param>
/// <param name="DataType">The type in Braze's words, with <c> (Automatically Detected)</c> when nobody fixed it; null when it is missing.</param>
/// <param name="Status"><c>Active</c> or <c>Blocklisted</c>; null when it is missing.</param>
internal sealed record CustomAttribute(string Name, string? DataType, string? Status);
