using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/users/export/ids</c>, reduced to who is a member.</summary>
/// <param name="Message"><c>success</c>, or why there are no users; null when it is missing.</param>
/// <param name="Members">Users whose audience attribute is true.</param>
internal sealed record ExportAnswer(string? Message, IReadOnlyList<RemoteMember> Members)
{
    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static ExportAnswer Parse(ReadOnlyMemory<byte> body, string keyField, string attribute)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("The answer is no object.");
        }

        var message = TrackAnswer.Text(root, "message");
        if (!root.TryGetProperty("users"u8, out var users) || users.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no users.") : new ExportAnswer(message, []);
        }

        var members = new List<RemoteMember>(users.GetArrayLength());
        foreach (var user in users.EnumerateArray())
        {
            if (user.TryGetProperty("custom_attributes"u8, out var attributes)
                && attributes.TryGetProperty(attribute, out var value)
                && value.ValueKind == JsonValueKind.True
                && TrackAnswer.Text(user, keyField) is { } key)
            {
                members.Add(new RemoteMember(TrackAnswer.Text(user, "braze_id"), key));
            }
        }

        return new ExportAnswer(message, members);
    }
}
