using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Types of a HubSpot contact property.</summary>
public enum HubSpotType
{
    /// <summary>Text, at most 65,536 characters.</summary>
    Text,

    /// <summary>A decimal number, written as text.</summary>
    Number,

    /// <summary>A day: <c>YYYY-MM-DD</c>, or milliseconds since 1970 at midnight UTC.</summary>
    Date,

    /// <summary>An instant: ISO 8601, or milliseconds since 1970.</summary>
    Instant,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>One of <see cref="HubSpotProperty.Options"/>; several with <see cref="HubSpotProperty.TakesSeveral"/>.</summary>
    Enumeration,
}

/// <summary>A contact property of the account.</summary>
public sealed record HubSpotProperty
{
    /// <summary>Its name, lower case.</summary>
    public required string Name { get; init; }

    /// <summary>What its values must look like.</summary>
    public HubSpotType Type { get; init; }

    /// <summary>True when no two contacts may share a value; such a property may identify contacts.</summary>
    public bool IsUnique { get; init; }

    /// <summary>True when HubSpot sets it itself.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True when every account has it; false when somebody made it in this one.</summary>
    public bool IsHubSpotDefined { get; init; }

    /// <summary>True when HubSpot computes it.</summary>
    public bool IsCalculated { get; init; }

    /// <summary>Values of an <see cref="HubSpotType.Enumeration"/>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>True of multiple checkboxes: a value has several of <see cref="Options"/>, separated by semicolons, and one that begins with a semicolon adds them.</summary>
    public bool TakesSeveral { get; init; }

    /// <summary>True when a value gives way only to a later one of <see cref="Options"/>; to go back it must be cleared first.</summary>
    public bool OnlyMovesForward { get; init; }

    /// <summary>Whether what becomes of a value depends on the one that is there.</summary>
    internal bool DependsOnFormer => Type == HubSpotType.Enumeration;

    private static readonly SearchValues<byte> NotInEmail = SearchValues.Create(" \t\r\n,;<>\""u8);

    internal ushort Id { get; init; }

    internal byte[] Utf8Name { get; init; } = [];

    internal JsonEncodedText JsonName { get; init; }

    internal bool IsEmail => Name == "email";

    /// <summary>What HubSpot has against a value, or null.</summary>
    internal HubSpotProblem? Refuses(ReadOnlySpan<byte> value)
    {
        if (IsReadOnly || IsCalculated)
        {
            return Problem("READ_ONLY_VALUE", $"{Name} is a read only property; its value cannot be set");
        }

        if (value.IsEmpty)
        {
            return null;
        }

        return Type switch
        {
            HubSpotType.Text when IsEmail && !IsEmailAddress(value) => Problem("INVALID_EMAIL", $"Email address {Encoding.UTF8.GetString(value)} is invalid"),
            HubSpotType.Text when value.Length > 65_536 && Encoding.UTF8.GetCharCount(value) > 65_536 => Problem("VALUE_TOO_LONG", $"{Name} is longer than 65536 characters"),
            HubSpotType.Number when !decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
                => Problem("INVALID_LONG", $"{Encoding.UTF8.GetString(value)} was not a valid long."),
            HubSpotType.Boolean when !value.SequenceEqual("true"u8) && !value.SequenceEqual("false"u8) => NotAnOption(value, ["true", "false"]),
            HubSpotType.Date when !IsDay(value) => Problem("INVALID_DATE", $"{Encoding.UTF8.GetString(value)} was not a valid date: not at midnight UTC"),
            HubSpotType.Instant when !IsInstant(value) => Problem("INVALID_DATE", $"{Encoding.UTF8.GetString(value)} was not a valid date time"),
            HubSpotType.Enumeration when !AreOptions(value) => NotAnOption(value, Options),
            _ => null,
        };
    }

    /// <summary>What is kept when a value is written over another; both are JSON, and null stands for none.</summary>
    internal ReadOnlyMemory<byte> Over(byte[]? former, ReadOnlyMemory<byte> written)
    {
        if (written.IsEmpty)
        {
            return written;
        }

        var (before, now) = (former is null ? null : JsonSerializer.Deserialize<string>(former)!, JsonSerializer.Deserialize<string>(written.Span)!);
        if (TakesSeveral && now.StartsWith(';'))
        {
            return HubSpotInputs.Json(string.Join(';', (before?.Split(';') ?? []).Union(now[1..].Split(';'))));
        }

        return before is not null && OnlyMovesForward && Options.ToList().IndexOf(now) < Options.ToList().IndexOf(before) ? former : written;
    }

    private static bool IsEmailAddress(ReadOnlySpan<byte> value)
    {
        var at = value.IndexOf((byte)'@');
        return at > 0 && value.IndexOfAny(NotInEmail) < 0 && value[(at + 1)..].IndexOf((byte)'@') < 0
            && value[(at + 1)..].IndexOf((byte)'.') > 0 && value[^1] != (byte)'.';
    }

    private static bool IsDay(ReadOnlySpan<byte> value)
    {
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return milliseconds % 86_400_000 == 0;
        }

        Span<char> text = stackalloc char[10];
        return value.Length == 10 && Encoding.UTF8.TryGetChars(value, text, out var length) && length == 10
            && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    private static bool IsInstant(ReadOnlySpan<byte> value)
        => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            || (value[^1] == (byte)'Z' && DateTimeOffset.TryParse(Encoding.UTF8.GetString(value), CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    private bool AreOptions(ReadOnlySpan<byte> value)
        => TakesSeveral ? Encoding.UTF8.GetString(value).TrimStart(';').Split(';').All(option => Options.Contains(option)) : Options.Contains(Encoding.UTF8.GetString(value));

    private HubSpotProblem NotAnOption(ReadOnlySpan<byte> value, IEnumerable<string> options)
        => Problem("INVALID_OPTION", $"{Encoding.UTF8.GetString(value)} was not one of the allowed options: [{string.Join(", ", options)}]");

    private HubSpotProblem Problem(string code, string message) => new("VALIDATION_ERROR", message) { Code = code, Property = Name };
}

/// <summary>What HubSpot has against a record.</summary>
internal sealed record HubSpotProblem(string Category, string Message)
{
    public string? Code { get; init; }

    public string? Property { get; init; }

    public long? ExistingId { get; init; }
}
