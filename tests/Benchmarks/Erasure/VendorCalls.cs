using System.Collections.Concurrent;
using IntegrationHub.Benchmarks.Quota;

namespace IntegrationHub.Benchmarks.Erasure;

/// <summary>Every call that a vendor received and that could tell it something, with its body.</summary>
internal sealed class VendorCalls : IAsyncDisposable
{
    /// <summary>Where an erasure looks and deletes: Braze, HubSpot, Marketo.</summary>
    private static readonly string[] _ofErasure = ["users/export/ids", "users/delete", "batch/read", "gdpr-delete", "search", "leads/delete.json"];

    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly List<WatchedVendor> _vendors = [];

    /// <summary>Stands before a sandbox's vendor.</summary>
    /// <returns>The address to call instead.</returns>
    public async Task<string> WatchAsync(Uri sandbox, string vendor)
    {
        var watched = await WatchedVendor.StartAsync(sandbox, (path, body) =>
        {
            // What Marketo is asked by a form is a look, as what comes without a body.
            if (body.Length > 0 && !path.Contains("/oauth/", StringComparison.Ordinal) && (vendor != "marketo" || body[0] is '{' or '[' || path.Contains("bulk", StringComparison.Ordinal))
                && !Array.Exists(_ofErasure, own => path.EndsWith(own, StringComparison.Ordinal)))
            {
                _calls.Enqueue(new Call(TimeProvider.System.GetUtcNow(), vendor, path, body));
            }

            return [];
        });
        _vendors.Add(watched);
        return $"{watched.Address}/{vendor}";
    }

    public IEnumerable<Call> All => _calls;

    public async ValueTask DisposeAsync()
    {
        foreach (var vendor in _vendors)
        {
            await vendor.DisposeAsync();
        }
    }

    /// <param name="At">When it had arrived.</param>
    /// <param name="Vendor">Who received it.</param>
    /// <param name="Path">Where.</param>
    /// <param name="Body">What.</param>
    internal sealed record Call(DateTimeOffset At, string Vendor, string Path, string Body);
}
