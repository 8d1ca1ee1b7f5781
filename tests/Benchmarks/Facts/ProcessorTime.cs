using System.Globalization;
using Npgsql;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>Processor time that a hub and its connections to the database have taken so far: what a busy machine changes least.</summary>
internal sealed class ProcessorTime(int hub, NpgsqlDataSource source)
{
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of the hub, and of the database's processes that serve hubs now.</summary>
    public async Task<(double Hub, double Database)> ReadAsync()
    {
        await using var command = source.CreateCommand("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'integration-hub'");
        await using var reader = await command.ExecuteReaderAsync();
        var database = 0.0;
        while (await reader.ReadAsync())
        {
            database += SecondsOf(reader.GetInt32(0));
        }

        return (SecondsOf(hub), database);
    }

    private static double SecondsOf(int process)
    {
        try
        {
            var fields = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0; // gone meanwhile, or on another machine
        }
    }
}
