using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions;

/// <summary>One value that differs between two configurations.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Key">Path of the key in it, as <c>fields.dob.type</c>; empty for a whole file.</param>
/// <param name="Kind"><c>added</c>, <c>removed</c>, <c>changed</c>, or <c>renamed</c> of a whole file.</param>
/// <param name="Before">The value before, of a file that is renamed its path; null when there was none, or when it may name a person.</param>
/// <param name="After">The value since.</param>
internal sealed record ConfigurationChange(
    [property: JsonPropertyName("file")] string File,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("before")] string? Before,
    [property: JsonPropertyName("after")] string? After);
