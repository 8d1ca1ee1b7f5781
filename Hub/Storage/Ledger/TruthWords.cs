using System.Text.Json;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What counts as a truth value beside <c>true</c> and <c>false</c> themselves: texts, whatever their case. Immutable and thread-safe.</summary>
/// <param name="yes">Texts that mean yes.</param>
/// <param name="no">Texts that mean no.</param>
public sealed class TruthWords(IEnumerable<string> yes, IEnumerable<string> no)
{
    /// <summary>The words true and false.</summary>
    public static readonly TruthWords Usual = new(["true"], ["false"]);

    private readonly HashSet<string> _yes = new(yes, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _no = new(no, StringComparer.OrdinalIgnoreCase);

    /// <summary>The truth that a value states; null when it is none.</summary>
    public bool? TruthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when value.GetString()!.Trim() is var text && _yes.Contains(text) != _no.Contains(text) => _yes.Contains(text),
        _ => null,
    };
}
