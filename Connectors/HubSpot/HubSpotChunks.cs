using System.Buffers;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Divides contacts into calls that HubSpot takes, by number and by bytes.</summary>
internal sealed class HubSpotChunks(HubSpotSettlement settlement, string idProperty)
{
    /// <summary>What fits into one call each; a record that fits into none is refused.</summary>
    public IEnumerable<int[]> Of(IReadOnlyList<int> chosen)
    {
        var chunk = new List<int>(HubSpotDescriptor.MaxInputs);
        var bytes = 0;
        foreach (var index in chosen)
        {
            var size = HubSpotMapper.MaxBytes(settlement.Items[index]);
            if (size > HubSpotDescriptor.MaxBytes && IsTooLarge(index))
            {
                settlement.Settle(index, Outcome.Rejected, "record_too_large");
                continue;
            }

            if (chunk.Count == HubSpotDescriptor.MaxInputs || (chunk.Count > 0 && bytes + size > HubSpotDescriptor.MaxBytes))
            {
                yield return [.. chunk];
                chunk.Clear();
                bytes = 0;
            }

            chunk.Add(index);
            bytes += size;
        }

        if (chunk.Count > 0)
        {
            yield return [.. chunk];
        }
    }

    private bool IsTooLarge(int index)
    {
        var body = new ArrayBufferWriter<byte>();
        HubSpotMapper.WriteUpsert(body, idProperty, settlement.Items, [index]);
        return body.WrittenCount > HubSpotDescriptor.MaxBytes;
    }
}
