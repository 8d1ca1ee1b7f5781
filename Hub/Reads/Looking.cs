using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Reads;

/// <summary>Whether what runs here belongs to a call that only looks. What such a call reads, however deep below it, is read on the connections for that, and on one of them at a time.</summary>
internal static class Looking
{
    private static readonly AsyncLocal<bool> _isOn = new();
    private static readonly AsyncLocal<OpenRead?> _open = new();

    /// <summary>True within a call that only looks.</summary>
    public static bool IsOn => _isOn.Value;

    /// <summary>The context of the read within which this one runs; null for a read of its own.</summary>
    public static HubDbContext? Open => _open.Value?.Db;

    /// <summary>Begins; ends with the asynchronous method that calls it.</summary>
    public static void Begin() => _isOn.Value = true;

    /// <summary>Reads; what is read within goes over the same context.</summary>
    public static async Task<T> WithinAsync<T>(HubDbContext db, Func<HubDbContext, Task<T>> read)
    {
        var open = new OpenRead { Db = db };
        _open.Value = open;
        try
        {
            return await read(db);
        }
        finally
        {
            open.Db = null; // what was begun within and goes on behind it reads by itself
        }
    }

    private sealed class OpenRead
    {
        public HubDbContext? Db { get; set; }
    }
}
