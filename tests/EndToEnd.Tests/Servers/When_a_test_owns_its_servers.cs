using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests.Servers;

[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_test_owns_its_servers
{
    [Test]
    public async Task Should_keep_what_PostgreSQL_committed_over_a_kill_and_a_stop()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await PostgresDatabase.CreateAsync(server.ConnectionString);
        await ExecuteAsync(database, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
        var killed = server.Pid;

        await server.KillAsync();
        Assert.That(async () => await CountAsync(database), Throws.InstanceOf<NpgsqlException>());
        await server.RestartAsync();
        var afterKill = await CountAsync(database);
        await server.RestartAsync();

        Assert.Multiple(() =>
        {
            Assert.That(server.Pid, Is.Not.EqualTo(killed));
            Assert.That(afterKill, Is.EqualTo(1));
            Assert.That(async () => await CountAsync(database), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_keep_what_RabbitMQ_declared_over_a_kill_and_a_stop()
    {
        await using var server = await RabbitMqServer.StartAsync();
        await using var virtualHost = await RabbitMqVirtualHost.CreateAsync(server.Uri);
        using var durable = new StringContent("{\"durable\":true}", null, "application/json");
        (await virtualHost.Management.PutAsync($"api/exchanges/{virtualHost.Name}/kept", durable)).EnsureSuccessStatusCode();

        await server.RestartAsync();
        var afterStop = await virtualHost.Management.GetAsync($"api/exchanges/{virtualHost.Name}/kept");
        await server.KillAsync();
        Assert.That(async () => await virtualHost.Management.GetAsync("api/overview"), Throws.InstanceOf<HttpRequestException>());
        await server.RestartAsync();
        var afterKill = await virtualHost.Management.GetAsync($"api/exchanges/{virtualHost.Name}/kept");

        Assert.That(new[] { afterKill.IsSuccessStatusCode, afterStop.IsSuccessStatusCode }, Is.All.True);
    }

    [Test]
    public async Task Should_drop_the_database_although_someone_is_connected()
    {
        var database = await PostgresDatabase.CreateAsync();
        await using var connected = new NpgsqlConnection($"{database.ConnectionString};Pooling=false");
        await connected.OpenAsync();

        await database.DisposeAsync();

        Assert.That(async () => await CountAsync(database, "SELECT 1"), Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo("3D000"));
    }

    [Test]
    public async Task Should_delete_the_virtual_host()
    {
        string name;
        await using (var virtualHost = await RabbitMqVirtualHost.CreateAsync())
            name = virtualHost.Name;

        using var management = RabbitMqVirtualHost.ManagementOf(SharedServers.RabbitMq);
        Assert.That((int)(await management.GetAsync($"api/vhosts/{name}")).StatusCode, Is.EqualTo(404));
    }

    private static async Task ExecuteAsync(PostgresDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection($"{database.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(PostgresDatabase database, string sql = "SELECT count(*) FROM kept")
    {
        await using var connection = new NpgsqlConnection($"{database.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }
}
