using System.Text.Json.Nodes;
using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Bridge;

/// <summary>A database, a virtual host and applications on them, for one run.</summary>
internal sealed class BridgeBench : IAsyncDisposable
{
    /// <summary>Where what is sent ends up: an exchange with a quorum queue that nobody consumes.</summary>
    public const string Sink = "bench-sink";

    private readonly PostgresDatabase _database;
    private readonly RabbitMqVirtualHost _virtualHost;
    private readonly NpgsqlDataSource _observer;
    private long _exceptions;

    private BridgeBench(PostgresDatabase database, RabbitMqVirtualHost virtualHost)
    {
        _database = database;
        _virtualHost = virtualHost;
        _observer = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);
        AppDomain.CurrentDomain.FirstChanceException += (_, _) => Interlocked.Increment(ref _exceptions);
    }

    public string Postgres => new NpgsqlConnectionStringBuilder(_database.ConnectionString) { MaxAutoPrepare = 100, MaxPoolSize = 60 }.ConnectionString;

    public Uri RabbitMq => _virtualHost.Uri;

    /// <summary>Exceptions thrown in this process so far, caught or not.</summary>
    public long Exceptions => Interlocked.Read(ref _exceptions);

    public static async Task<BridgeBench> CreateAsync()
    {
        var bench = new BridgeBench(await PostgresDatabase.CreateAsync(), await RabbitMqVirtualHost.CreateAsync());
        await BridgeHost.CreateTablesAsync(new BridgeSettings { Postgres = bench.Postgres });
        await using var connection = await new ConnectionFactory { Uri = bench.RabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(Sink, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.ExchangeDeclareAsync(Sink, "fanout", true);
        await channel.QueueBindAsync(Sink, Sink, "");
        return bench;
    }

    /// <summary>An application on the bridge, through the proxy if one is given.</summary>
    public IHost Build(RoundTripProxy? proxy, Action<IBusRegistrationConfigurator> configure)
    {
        LogContext.Current = null;
        var postgres = new NpgsqlConnectionStringBuilder(Postgres);
        if (proxy != null)
            postgres.Port = proxy.Port;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddDbContextPool<BridgeDbContext>(x => x.UseNpgsql(postgres.ConnectionString));
        builder.Services.Configure<MassTransitHostOptions>(x => x.WaitUntilStarted = true);
        builder.Services.AddMassTransit(x =>
        {
            x.DisableUsageTelemetry();
            x.SetKebabCaseEndpointNameFormatter();
            configure(x);
            x.UsingRabbitMq((context, bus) =>
            {
                bus.Host(RabbitMq);
                bus.UseEntityFrameworkScheduler(context);
                bus.ConfigureEndpoints(context);
            });
        });
        return builder.Build();
    }

    public RoundTripProxy CreateProxy()
    {
        var postgres = new NpgsqlConnectionStringBuilder(Postgres);
        return new RoundTripProxy(postgres.Host!, postgres.Port);
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = _observer.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }

    /// <summary>Waits until the query counts so many; asks rarely and on one connection, so that asking is not what is measured.</summary>
    public async Task UntilAsync(string sql, long expected)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await CountAsync(sql) != expected)
            await timer.WaitForNextTickAsync();
    }

    /// <summary>Adds the raw ceilings to the result.</summary>
    public async Task AddCeilingsAsync(JsonObject result)
    {
        foreach (var (name, perSecond) in await Ceilings.MeasureAsync(Postgres, RabbitMq))
            result[name] = perSecond;
    }

    public async ValueTask DisposeAsync()
    {
        await _observer.DisposeAsync();
        await _virtualHost.DisposeAsync();
        await _database.DisposeAsync();
    }
}
