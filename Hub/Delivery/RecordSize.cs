using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Delivery;

/// <summary>How large records are, by which batches are cut. Pure.</summary>
internal static class RecordSize
{
    private const int RecordOverhead = 160;
    private const int FieldOverhead = 12;

    /// <summary>About how many bytes the record takes in a call.</summary>
    public static int Of(BatchItem item)
    {
        var size = RecordOverhead + (item.Key.Length + (item.Identity?.NewKey ?? item.Identity?.OtherKey ?? item.Identity?.Alias?.Name ?? "").Length) * 2 + (item.Event is { } happened ? RecordOverhead + happened.Name.Length * 3 + (happened.Purchase?.ProductId.Length ?? 0) * 3 : 0);
        foreach (var field in item.Event?.Properties ?? item.Fields)
        {
            size += FieldOverhead + field.Name.Length + (field.Value.Kind == FieldKind.Text ? field.Value.Text.Length * 3 : 24);
        }

        return size;
    }
}
